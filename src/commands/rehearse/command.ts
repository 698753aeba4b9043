// The command `rehearse`: its flags, what it prints, and how it is stopped.

import { writeFileSync } from 'node:fs'
import { foreignSecretForm, isThisMachine, UsageError } from '../../config.ts'
import { StartError, toSuggestion } from '../../errors.ts'
import { start, version } from '../../index.ts'
import { type Client, clients, type Scenario, scenarios } from '../../rehearse/conversations.ts'
import { type Answer, NoAnswer } from '../../rehearse/send.ts'
import { findOpenness, type LeftBehind, parseScimUrl, stopOnSignal, toHide, toLeft } from '../endpoint.ts'
import { checkProfile, checkWritable, type FlagRow, parseFlags } from '../flags.ts'
import { type Rehearsal, rehearse, toPlanned } from './rehearsal.ts'
import { isNeeded, toDocument, toJUnit, toListener, toSentence } from './report.ts'
import { ForeignStage, type Stage, toOwnStage } from './stage.ts'

const tokenVariable = 'INSIGHTLY_REHEARSE_TOKEN'

/** The flags in the order of help. */
export const rehearseFlags: readonly FlagRow[] = [
  {
    flag: 'url',
    argument: 'scim url',
    defaultText: 'a stand-in of its own',
    meaning: `the SCIM URL of an endpoint to play against; its token is in ${tokenVariable}`,
  },
  { flag: 'only', argument: 'scenario', defaultText: 'all', meaning: `one of ${Object.keys(scenarios).join(', ')}` },
  { flag: 'yes', meaning: 'do it at an endpoint of another machine; without it, rehearse only explains' },
  {
    flag: 'profile',
    argument: 'name',
    default: 'insightly',
    meaning: 'how the stand-in of its own behaves: insightly, rfc7644 or a file, as with serve',
  },
  { flag: 'json', meaning: 'print a JSON document; what happens goes to stderr' },
  { flag: 'junit', argument: 'file', defaultText: 'none', meaning: 'write the result as build servers read it' },
]

/** Runs the command. @throws UsageError, StartError */
export async function runRehearse(args: string[]): Promise<void> {
  const print = (text: string): void => void process.stdout.write(text)
  const { values, positionals } = parseFlags(args, rehearseFlags, true)
  const text = (flag: string): string | undefined => (values[flag] as string | undefined) || undefined
  const only = parseScenario(text('only'))
  const given = text('url')
  const url = given === undefined ? undefined : parseScimUrl(given)
  if (positionals.length === 0) {
    print(toList())
    return
  }
  const chosen = positionals.map(findClient)
  if (url && !isThisMachine(url.hostname) && values.yes !== true) {
    print(toPlan(chosen, url.host, only))
    return
  }
  const token = (url && process.env[tokenVariable]) ?? ''
  checkProfile(text('profile') ?? 'insightly')
  if (url && !foreignSecretForm.test(token))
    throw new UsageError(`${tokenVariable} is missing or no token; set it to the SCIM token of ${url.host}.`)
  const hide = toHide(token)
  const say = (line: string): void => void process.stderr.write(hide(line))
  const show = values.json === true ? say : (line: string): void => print(hide(line))

  const file = text('junit')
  if (file !== undefined) checkWritable('junit', file)

  const stopping = stopOnSignal(when => {
    if (url === undefined) say(when === 'first' ? 'Stopping.\n' : '')
    else if (when === 'first') say('Stopping; the users are being deactivated (once more to leave at once).\n')
    else say('Left as it is: users that were created may be there and ACTIVE.\n')
  })
  const rehearsals: Rehearsal[] = []
  let left: LeftBehind[] = []
  try {
    if (url === undefined) {
      await playOnOwn(text('profile') ?? 'insightly')
      show('The stand-in is stopped.\n')
    } else {
      const stage = new ForeignStage(url, token, stopping.signal)
      const openness = findOpenness(url)
      if (openness) say(`${openness}\n`)
      checkEndpoint(url, await lookAt(stage, url))
      say(`At ${url.host}: ${toCreations(chosen, only)}\n`)
      try {
        await playAll(stage)
      } finally {
        left = await stage.tidy()
        show(`\n${left.map(each => `${toLeft(each)}\n`).join('')}`)
      }
    }
  } catch (error) {
    throw error instanceof StartError ? new StartError(hide(error.message)) : error
  } finally {
    stopping.end()
    if (rehearsals.length > 0) tell()
  }
  if (stopping.signal.aborted) process.exitCode = 130
  else if (rehearsals.some(({ played }) => played.some(isNeeded))) process.exitCode = 1

  function tell(): void {
    for (const rehearsal of rehearsals) show(`\n${toSentence(rehearsal)}`)
    show('\n')
    const origin = { by: `insightly-scim ${version}`, date: new Date().toISOString(), host: url?.host ?? null }
    if (values.json === true) print(hide(`${JSON.stringify(toDocument(rehearsals, origin, left), null, 2)}\n`))
    if (file !== undefined) writeFileSync(file, hide(toJUnit(rehearsals)))
  }

  async function playOnOwn(profile: string): Promise<void> {
    await using insightly = await start({ profile })
    show(`A stand-in of its own: ${insightly.scimUrl}\n`)
    await playAll(toOwnStage(insightly, { signal: stopping.signal }))
  }

  async function playAll(stage: Stage): Promise<void> {
    for (const client of chosen) {
      if (stopping.signal.aborted) return
      show(`\n${client.name}\n`)
      rehearsals.push(await rehearse(client, stage, { only, signal: stopping.signal, listener: toListener(show) }))
    }
  }
}

async function lookAt(stage: ForeignStage, url: URL): Promise<Answer> {
  try {
    return await stage.look()
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    throw new StartError(`Nothing answers at ${url.host}: ${error.message}; check --url.`)
  }
}

/** @throws StartError when nothing there is SCIM, or when it refuses the token */
function checkEndpoint(url: URL, { status, headers, body }: Answer): void {
  if (Array.isArray(body?.schemas) && status === 200) return
  if (status === 401) throw new StartError(`${url.host} refuses the token (401); check ${tokenVariable}.`)
  if (Array.isArray(body?.schemas))
    throw new StartError(`${url.host} refuses to list users (${status}): ${String(body.detail ?? 'without a reason')}`)
  const isPage = /^text\/html/i.test(headers['content-type'] ?? '')
  throw new StartError(
    `${url.host}${url.pathname} answers ${status} with ${isPage ? 'an HTML page' : 'no SCIM'}; expected the SCIM URL, such as https://…/scim/v2.`,
  )
}

const toList = (): string =>
  `${clients.map(({ id, name, conversations }) => `  ${id.padEnd(14)} ${name}, ${conversations.length === 1 ? '1 conversation' : `${conversations.length} conversations`}`).join('\n')}\n`

function countRequests(chosen: readonly Client[], only: Scenario | undefined) {
  const steps = chosen.flatMap(({ conversations }) =>
    conversations.filter(({ faults }) => !faults).flatMap(conversation => toPlanned(conversation, only)),
  )
  const users = steps.filter(
    ({ method, path, expect }) => method === 'POST' && path === '/Users' && expect.status === 201,
  )
  return { requests: steps.length, users: users.length }
}

function toCreations(chosen: readonly Client[], only: Scenario | undefined): string {
  const { requests, users } = countRequests(chosen, only)
  return users === 0
    ? `${requests} requests, and no user is created.`
    : `${requests} requests. They create ${users === 1 ? 'one user' : `${users} users`} at example.com, made up for this; what is left of them is deactivated.`
}

const toPlan = (chosen: readonly Client[], host: string, only: Scenario | undefined): string => `
rehearse plays at ${host} what ${chosen.map(({ name }) => name).join(' and ')} would do:
${toCreations(chosen, only)}

Insightly cannot delete users: in its User List they stay for good. Nothing else changes. The token is sent to
${host} and nowhere else, and is never shown. Stopped half-way (Ctrl-C), it deactivates them and says what it left.

Nothing was sent. Run it again with --yes to begin.
`

function findClient(word: string): Client {
  const found = clients.find(({ id }) => id === word.toLowerCase())
  if (found) return found
  const known = clients.map(({ id }) => id)
  throw new UsageError(
    `${JSON.stringify(word)} is no client whose conversations are known${toSuggestion(word, known)}.`,
  )
}

function parseScenario(word: string | undefined): Scenario | undefined {
  if (word === undefined || Object.hasOwn(scenarios, word)) return word as Scenario | undefined
  throw new UsageError(
    `--only is ${JSON.stringify(word)}, which is no scenario${toSuggestion(word, Object.keys(scenarios))}.`,
  )
}
