// Clients of SCIM that others wrote: a short program on each (tools/clients) leads a user from its creation to its end.

import { presetNames } from '../src/scim/behaviour.ts'
import { javaVersion, pythonVersion } from './pins.ts'
import { inJava, toProgram } from './program.ts'
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

const onJava = (name: string, module: string, artifact: string, program: string) =>
  toProgram({
    name,
    needs: ['java'],
    presets: presetNames,
    version: () => javaVersion(artifact, `${module}.xml`),
    files: { [`${program}.java`]: `clients/${program}.java`, 'Steps.java': 'clients/Steps.java' },
    commands: inJava(module, '.', program),
    steps: withDiscovery,
  })

/** Clients in Python and Java; the command line discovers what the server serves within each command. */
export const thirdPartyClients: Tool[] = [
  toProgram({ ...inPython('scim2-client'), steps: withDiscovery }),
  toProgram({ ...inPython('scim2-cli'), steps }),
  onJava("UnboundID's SCIM 2 SDK", 'unboundid', 'scim2-sdk-client', 'UnboundId'),
  onJava("SCIM-SDK's client", 'scim-sdk', 'scim-sdk-client', 'ScimSdk'),
]
