// Writes docs/providers.md: plays every conversation that is known against a server of its own and tells what came of it,
// providers against features, and each conversation step by step.

import { type Rehearsal, type Rehearsed, type RehearsedStep, rehearse } from '../src/commands/rehearse/rehearsal.ts'
import { findFault, toListener, toSentence } from '../src/commands/rehearse/report.ts'
import { toOwnStage } from '../src/commands/rehearse/stage.ts'
import { start } from '../src/index.ts'
import { type Client, clients, type Scenario, scenarioOf, scenarios } from '../src/rehearse/conversations.ts'
import type { RuleId } from '../src/scim/rules.ts'
import { toTable } from './table.ts'

/** What became of every conversation, against a server with the defaults. */
export async function rehearseAll(): Promise<Rehearsal[]> {
  await using insightly = await start()
  const stage = toOwnStage(insightly, { longestWait: 0 })
  const rehearsals: Rehearsal[] = []
  for (const client of clients) rehearsals.push(await rehearse(client, stage))
  return rehearsals
}

const toRules = (rules: readonly RuleId[]): string =>
  rules.length === 0 ? '' : ` (${rules.map(rule => `[${rule}](rules.md#${rule.toLowerCase()})`).join(', ')})`

/** How the steps of one scenario went in a conversation; undefined when it has none. */
function toOutcome(rehearsed: Rehearsed, scenario: Scenario): string | undefined {
  const { conversation, planned, steps } = rehearsed
  const isOf = ({ step }: RehearsedStep): boolean =>
    scenarioOf(conversation, step) === scenario && step.purpose === undefined
  if (!planned.some(step => scenarioOf(conversation, step) === scenario && step.purpose === undefined)) return undefined
  const fault = findFault(rehearsed)
  if (fault?.bad && fault.blamed && isOf(fault.blamed)) return `${fault.bad.result}${toRules(fault.bad.rules)}`
  return steps.some(isOf) ? 'works' : 'not reached'
}

/** The cell of a provider and a feature: each outcome once, with the conversations that show it. */
function toCell(played: readonly Rehearsed[], scenario: Scenario): string {
  const shown = new Map<string, string[]>()
  for (const rehearsed of played) {
    const outcome = toOutcome(rehearsed, scenario)
    if (outcome !== undefined) shown.set(outcome, [...(shown.get(outcome) ?? []), rehearsed.conversation.id])
  }
  const parts = [...shown].map(([outcome, ids]) => {
    const [word = '', ...rest] = outcome.split(' ')
    const [first, ...more] = ids
    const others = more.map((id, index) => ` [${index + 2}](#${id})`).join('')
    return `[${word}](#${first})${['', ...rest].join(' ')}${others}`
  })
  return parts.join('<br>') || '–'
}

/** What a provider sends and Insightly has no place for, although all of it is accepted. */
function toIgnored(played: readonly Rehearsed[]): string {
  const ids = new Map<RuleId, string>()
  for (const { conversation, steps } of played)
    for (const { rules, status, step } of steps)
      if (status !== null && status < 300 && step.purpose === undefined)
        for (const rule of rules) if (!ids.has(rule)) ids.set(rule, conversation.id)
  const [first] = ids.values()
  return first === undefined ? '–' : `[ignored](#${first})${toRules([...ids.keys()].toSorted())}`
}

function toMatrix(rehearsals: readonly Rehearsal[]): string {
  const providers = rehearsals.filter(({ client }) => client.kind === 'provider')
  const rows = (Object.entries(scenarios) as [Scenario, string][]).map(([scenario, words]) => [
    `${words[0]!.toUpperCase()}${words.slice(1)}`,
    ...providers.map(({ played }) => toCell(played, scenario)),
  ])
  const ignored = ['Attributes that Insightly does not take', ...providers.map(each => toIgnored(each.played))]
  return toTable(['', ...providers.map(({ client }) => `[${client.name}](#${client.id})`)], [...rows, ignored])
}

const toCode = (text: string): string => `\`${text}\``

function toConversation({ sources }: Client, rehearsed: Rehearsed): string {
  const { conversation, planned, steps } = rehearsed
  const { id, title, variant, confidence, optional, note } = conversation
  const facts = [
    `${title}.`,
    variant && `Held by the ${variant}.`,
    optional && `Needed ${optional}.`,
    confidence !== 'documented' && `${confidence[0]!.toUpperCase()}${confidence.slice(1)}.`,
    note,
  ]
  const rows = planned.map((step, index) => {
    const played = steps[index]
    const role = step.purpose === undefined ? '' : ` (${step.purpose})`
    const outcome = played ? `${played.result}${toRules(played.rules)}` : 'not reached'
    return [
      [step.did, `${step.does}${role}`].filter(Boolean).join('<br>'),
      toCode(`${step.method} ${step.path}`),
      String(played?.status ?? ''),
      outcome,
      step.source === undefined ? '' : `[${step.source}](${sources[step.source]})`,
    ]
  })
  const table = toTable(['What happens', 'Request', 'Answer', 'Outcome', 'Known from'], rows)
  return `<a id="${id}"></a>\n\n${facts.filter(Boolean).join(' ')}\n\n${table}`
}

/** What `rehearse okta` prints of one conversation, and its last sentence. */
export function toSample(rehearsals: readonly Rehearsal[]): string {
  const okta = rehearsals.find(({ client }) => client.id === 'okta')!
  const rehearsed = okta.played.find(({ conversation }) => conversation.id === 'okta-deactivate-reactivate-patch')!
  let shown = ''
  const listener = toListener(text => {
    shown += text
  })
  listener.conversation?.(rehearsed)
  for (const step of rehearsed.steps) listener.step?.(step)
  return `\`\`\`console\n${shown.trim()}\n…\n${toSentence(okta)}\n\`\`\``
}

/** The page of providers, from what really happened. */
export function toProvidersPage(rehearsals: readonly Rehearsal[]): string {
  const sections = rehearsals.map(
    ({ client, played }) =>
      `<a id="${client.id}"></a>\n\n## ${client.name}\n\nWith bodies and headers: [${client.id}.json](../src/rehearse/clients/${client.id}.json). Played by \`rehearse ${client.id}\`.\n\n${played.map(each => toConversation(client, each)).join('\n\n')}`,
  )
  return `# What works, provider by provider

<!-- Generated by "npm run generate" from src/rehearse/clients, by playing all of it; do not edit. -->

What each provider sends, played against the preset \`insightly\`. *Works*: the answer is what the provider expects. *Refused*:
it is not, because of the rule in parentheses. *Ignored*: accepted, without effect. A dash: no public page says that the
provider sends such a thing, or what. A click on a cell leads to the conversation; [rehearse](rehearse.md) plays it against
your own endpoint.

${toMatrix(rehearsals)}

A step marked (set-up) prepares the others, and a step marked (check) looks at their result; the provider itself sends
neither. *Inferred* means that the page tells what the provider does, but not the whole request. In the requests,
\`{{…}}\` stands for a value: of the user, or of an answer before.

${sections.join('\n\n')}
`
}
