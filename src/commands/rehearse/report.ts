// How rehearse tells people and programs what a client met: a line a step, a sentence a client, a document, and the file
// that build servers read.

import { toHarmless } from '../../log.ts'
import { type Client, scenarioOf, scenarios } from '../../rehearse/conversations.ts'
import type { LeftBehind } from '../endpoint.ts'
import type { Listener, Rehearsal, Rehearsed, RehearsedStep } from './rehearsal.ts'

/** Takes away the asterisks around the words of a provider's own form. */
const toPlain = (text: string): string => text.replaceAll('*', '')

/** Shows conversations and steps as they go. */
export function toListener(show: (text: string) => void): Listener {
  let isFirst = true
  return {
    conversation(rehearsed) {
      isFirst = true
      show(toHeading(rehearsed))
    },
    step(step) {
      show(toLine(step, isFirst))
      isFirst = false
    },
  }
}

/** The heading of a conversation. */
function toHeading({ conversation, notPlayed, planned }: Rehearsed): string {
  const known = conversation.confidence === 'documented' ? '' : ` [${conversation.confidence}]`
  const need = conversation.optional ? ` Needed ${toPlain(conversation.optional)}.` : ''
  const heading = `\n${conversation.title}.${need}${known}\n`
  if (notPlayed !== undefined) return `${heading}  not played: ${notPlayed}\n`
  return planned[0]?.did === undefined ? heading : `${heading}  ${toPlain(planned[0].did)}\n`
}

/** The line of a step: what happened, request, answer, how it went and why. */
function toLine({ step, path, status, result, why, rules }: RehearsedStep, isFirst: boolean): string {
  const did = step.did !== undefined && !isFirst ? `  ${toPlain(step.did)}\n` : ''
  const role = step.purpose === undefined ? '' : ` (${step.purpose})`
  const isAside = step.purpose !== undefined && result === 'works'
  const reason = isAside ? '' : [why, rules.length > 0 && `(${rules.join(', ')})`].filter(Boolean).join(' ')
  const answer = `${status ?? 'no answer'}  ${result}${reason && `: ${reason}`}`
  return `${did}    ${`${step.does}${role}`.padEnd(40)} ${step.method} ${decode(path)}  ${answer}\n`
}

function decode(path: string): string {
  try {
    return toHarmless(decodeURIComponent(path.replaceAll('+', ' ')))
  } catch {
    return path
  }
}

/** What does not work of a conversation: the step that is to blame, and how it went; undefined when all does. */
export function findFault({ steps, planned, notPlayed }: Rehearsed) {
  if (notPlayed !== undefined) return undefined
  const bad = steps.find(({ result }) => result !== 'works')
  if (!bad) return steps.length < planned.length ? { blamed: undefined, bad } : undefined
  // When a check fails, the step before it is to blame: it was accepted and did not have its effect.
  const index = steps.indexOf(bad)
  const blamed = bad.step.purpose === 'check' ? steps.findLast((each, at) => at < index && !each.step.purpose) : bad
  return { blamed: blamed ?? bad, bad }
}

/** Whether something does not work that the client needs. */
export function isNeeded(rehearsed: Rehearsed): boolean {
  const bad = findFault(rehearsed)?.bad
  return bad !== undefined && bad.result !== 'ignored' && rehearsed.conversation.optional === undefined
}

/** How many steps of the client's own there were, and how many work. */
function count(played: readonly Rehearsed[]) {
  let steps = 0
  let working = 0
  for (const rehearsed of played) {
    if (rehearsed.notPlayed !== undefined) continue
    const blamed = findFault(rehearsed)?.blamed
    steps += rehearsed.planned.filter(({ purpose }) => purpose === undefined).length
    working += rehearsed.steps.filter(
      each => each.step.purpose === undefined && each.result === 'works' && each !== blamed,
    ).length
  }
  return { steps, working }
}

/** A sentence that one can quote: "Okta: 11 of 12 steps work; pushing groups is refused (D-03)." */
export function toSentence({ client, played, isInterrupted }: Rehearsal): string {
  const { steps, working } = count(played)
  const faults = played.flatMap(rehearsed => {
    const fault = findFault(rehearsed)
    if (!fault?.bad) return []
    const { conversation } = rehearsed
    const { bad, blamed } = fault
    const what = conversation.called ?? scenarios[scenarioOf(conversation, (blamed ?? bad).step)]
    const rules = bad.rules.length > 0 ? ` (${bad.rules.join(', ')})` : ''
    return [`${what} ${bad.result === 'fails' ? 'fails' : `is ${bad.result}`}${rules}`]
  })
  const counted =
    working === steps
      ? steps === 1
        ? 'the one step works'
        : `all ${steps} steps work`
      : `${working} of ${steps} steps work`
  const stopped = isInterrupted ? ['it was stopped'] : []
  const parts = [...new Set(faults), ...stopped]
  return `${client.name}: ${[steps === 0 ? 'nothing was played' : counted, ...(parts.length > 0 ? [parts.join(', ')] : [])].join('; ')}.`
}

/** The document of `--json`. */
export const toDocument = (
  rehearsals: readonly Rehearsal[],
  origin: { by: string; date: string; host: string | null },
  left: readonly LeftBehind[],
) => ({
  ...origin,
  isInterrupted: rehearsals.some(({ isInterrupted }) => isInterrupted),
  clients: rehearsals.map(rehearsal => ({
    client: rehearsal.client.id,
    name: rehearsal.client.name,
    ...count(rehearsal.played),
    sentence: toSentence(rehearsal),
    conversations: rehearsal.played.map(rehearsed => ({
      id: rehearsed.conversation.id,
      title: rehearsed.conversation.title,
      confidence: rehearsed.conversation.confidence,
      optional: rehearsed.conversation.optional ?? null,
      notPlayed: rehearsed.notPlayed ?? null,
      steps: rehearsed.steps.map(each => toStepDocument(rehearsal.client, rehearsed, each)),
    })),
  })),
  left,
})

const toStepDocument = (client: Client, { conversation }: Rehearsed, each: RehearsedStep) => ({
  did: each.step.did ?? null,
  does: each.step.does,
  purpose: each.step.purpose ?? null,
  scenario: scenarioOf(conversation, each.step),
  request: `${each.step.method} ${each.path}`,
  status: each.status,
  result: each.result,
  why: each.why ?? null,
  rules: each.rules,
  source: each.step.source === undefined ? null : client.sources[each.step.source],
})

const toXml = (text: string): string =>
  text.replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd]/g, '?').replace(/[&<>"]/g, each => `&#${each.charCodeAt(0)};`)

/** The JUnit file: a suite a client, a case a conversation. What the client can do without is skipped, not failed. */
export function toJUnit(rehearsals: readonly Rehearsal[]): string {
  const suites = rehearsals.map(({ client, played }) => {
    const cases = played.map(rehearsed => {
      const { conversation, steps, notPlayed } = rehearsed
      const bad = findFault(rehearsed)?.bad
      const reason =
        bad && `${bad.step.does}: ${bad.status ?? 'no answer'}, ${bad.result}${bad.why ? `: ${bad.why}` : ''}`
      const message = notPlayed ?? reason ?? (steps.length === 0 ? 'it was stopped' : undefined)
      const kind = isNeeded(rehearsed) ? 'failure' : 'skipped'
      const inside = message === undefined ? '' : `<${kind} message="${toXml(message)}"/>`
      return {
        kind: message === undefined ? undefined : kind,
        text: `    <testcase classname="${toXml(client.name)}" name="${toXml(conversation.title)}">${inside}</testcase>\n`,
      }
    })
    const of = (kind: string): number => cases.filter(each => each.kind === kind).length
    const counts = `tests="${cases.length}" failures="${of('failure')}" skipped="${of('skipped')}"`
    return `  <testsuite name="${toXml(client.name)}" ${counts}>\n${cases.map(({ text }) => text).join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="insightly-scim rehearse">\n${suites.join('')}</testsuites>\n`
}
