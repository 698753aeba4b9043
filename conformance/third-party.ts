// Clients of SCIM that others wrote: a short program on each (tools/clients) leads a user from its creation to its end; and
// a library for servers, whose validators judge what this one answers.

import { presetNames } from '../src/scim/behaviour.ts'
import { goVersion, javaVersion, pythonVersion } from './pins.ts'
import { inGo, inJava, toProgram } from './program.ts'
import { python } from './python.ts'
import type { Tool } from './tool.ts'

const steps = [
  ...['creates', 'finds by userName', 'finds by familyName', 'replaces an attribute', 'adds an attribute'],
  ...['replaces the user', 'deactivates', 'reads a refusal', 'deletes', 'finds nobody who was deleted'],
]
const withDiscovery = ['discovers', ...steps]

const inPython = (name: string) => ({
  name,
  needs: ['python'] as const,
  presets: presetNames,
  version: () => pythonVersion(name),
  files: { 'program.py': `clients/${name}.py`, 'step.py': 'clients/step.py' },
  commands: { runs: [python, 'program.py'] as [string, string] },
})

const onJava = (name: string, module: string, artifact: string, program: string, made = withDiscovery) =>
  toProgram({
    name,
    needs: ['java'],
    presets: presetNames,
    version: () => javaVersion(artifact, `${module}.xml`),
    files: { [`${program}.java`]: `clients/${program}.java`, 'Steps.java': 'clients/Steps.java' },
    commands: inJava(module, '.', program),
    steps: made,
  })

/** Clients in Python and Java; the command line discovers what the server serves within each command. */
export const thirdPartyClients: Tool[] = [
  toProgram({ ...inPython('scim2-client'), steps: withDiscovery }),
  toProgram({ ...inPython('scim2-cli'), steps }),
  onJava("UnboundID's SCIM 2 SDK", 'unboundid', 'scim2-sdk-client', 'UnboundId'),
  onJava("SCIM-SDK's client", 'scim-sdk', 'scim-sdk-client', 'ScimSdk'),
  // It changes a user by PUT.
  onJava(
    "ConnId's SCIM bundle",
    'connid',
    'net.tirasa.connid.bundles.scim',
    'Connid',
    withDiscovery.filter(step => !/ an attribute$/.test(step)),
  ),
  toProgram({
    name: 'elimity-com/scim',
    needs: ['go'],
    presets: presetNames,
    version: () => goVersion('github.com/elimity-com/scim'),
    files: inGo('elimity.go'),
    commands: { compiles: ['go', 'build', '-o', 'program', '.'], runs: ['./program'] },
    steps: [
      ...['serves a configuration', 'serves a resource type', 'serves a schema', 'creates users of its schema'],
      ...['lists users of the core schema', 'finds by userName', 'finds by other filters'],
    ],
  }),
]
