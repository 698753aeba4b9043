// The command `demo`: a server with a small company, which two providers call slowly enough to be watched in the console.

import { setTimeout as sleep } from 'node:timers/promises'
import type { StateDocument } from '../../account/state.ts'
import type { Insightly } from '../../client/insightly.ts'
import { readConfig, serverSettings, UsageError } from '../../config.ts'
import { start, version } from '../../index.ts'
import { type Client, clients } from '../../rehearse/conversations.ts'
import { send } from '../../rehearse/send.ts'
import { type FlagRow, parseFlags, readDuration } from '../flags.ts'
import { rehearse } from '../rehearse/rehearsal.ts'
import { toListener, toSentence } from '../rehearse/report.ts'
import type { Stage } from '../rehearse/stage.ts'
import company from './company.json' with { type: 'json' }

const portRow = serverSettings.find(({ key }) => key === 'port')!

/** The flags in the order of help. */
export const demoFlags: readonly FlagRow[] = [
  portRow,
  { flag: 'pace', argument: 'time', default: '2s', meaning: 'the time between two requests: 500ms, 2s' },
]

/** What is played, each conversation with a person of the company. */
const programme: readonly [client: string, parts: readonly [id: string, givenName: string, familyName: string][]][] = [
  [
    'okta',
    [
      ['okta-test-credentials', 'Noor', 'Haddad'],
      ['okta-create', 'Elias', 'Brandt'],
      ['okta-profile-update-put', 'Ada', 'Lovelace'],
      ['okta-deactivate-reactivate-patch', 'Mateo', 'Silva'],
      ['okta-push-groups', '', ''],
    ],
  ],
  [
    'entra',
    [
      ['entra-test-connection', '', ''],
      ['entra-create-gallery-attributes', 'Priya', 'Raman'],
      ['entra-username-change', 'Lena', 'Fischer'],
      ['entra-add-op-lenient', 'Karim', 'Aziz'],
      ['entra-disable-string-false', 'Joan', 'Doyle'],
    ],
  ],
]

/** Runs the command, until a signal ends it. @throws UsageError, StartError */
export async function runDemo(args: string[]): Promise<void> {
  const print = (text: string): void => void process.stdout.write(text)
  const { values } = parseFlags(args, demoFlags)
  const pace = readDuration('pace', String(values.pace ?? '2s'))
  if (pace > 60_000) throw new UsageError(`--pace is ${JSON.stringify(values.pace)}; expected at most a minute.`)
  const { port } = readConfig({ port: values.port }, process.env, [portRow])
  const stopping = new AbortController()
  const { signal } = stopping
  const stopped = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort())
  // Nobody reads on: a demo is for being watched.
  process.stdout.once('error', () => stopping.abort())

  await using insightly = await start({ port, seed: company as StateDocument })
  print(toBanner(insightly))
  for (const client of toProgramme()) {
    if (signal.aborted) break
    print(`\n${client.name}\n`)
    const rehearsal = await rehearse(client, toStage(insightly, pace, signal), { signal, listener: toListener(print) })
    print(`\n${toSentence(rehearsal)}\n`)
  }
  if (!signal.aborted) print(`\nThat was all; the server goes on, and the console with it. Ctrl-C stops it.\n`)
  await stopped
}

/** The console's address holds the admin key: it is printed, since every user of the machine can read a command line. */
const toBanner = (insightly: Insightly): string => `
  insightly-scim ${version}, with a company of ${company.users.length} users that two providers are going to call.

  Open this in a browser, and watch Requests and User List:
  ${insightly.url}/#key=${encodeURIComponent(insightly.adminKey)}

  SCIM URL    ${insightly.scimUrl}
  SCIM token  ${insightly.scimToken}
`

const toProgramme = (): Client[] =>
  programme.map(([id, parts]) => {
    const client = clients.find(each => each.id === id)!
    const conversations = parts.map(([name, givenName, familyName]) => {
      const conversation = client.conversations.find(each => each.id === name)!
      const userName = `${givenName}.${familyName}@harbour-lane.example`.toLowerCase()
      const newUserName = `augusta.${familyName}@harbour-lane.example`.toLowerCase()
      return { ...conversation, vars: { ...conversation.vars, givenName, familyName, userName, newUserName } }
    })
    return { ...client, conversations }
  })

/** The instance of the demo, with a pause before each request. */
function toStage(insightly: Insightly, pace: number, signal: AbortSignal): Stage {
  return {
    findObstacle: () => undefined,
    open: async () => ({
      endpoint: {
        scimUrl: insightly.scimUrl,
        token: insightly.scimToken,
        signal,
        async send(url, sending) {
          await sleep(pace, undefined, { signal })
          return await send(url, sending)
        },
      },
      see: async () => (await insightly.requests()).at(-1),
      close: async () => {},
    }),
  }
}
