// What was learned of a real endpoint, for programs and in sentences for people.

import type { Behaviours } from '../scim/behaviour.ts'
import { Learned, type LearnedRow } from './learned.ts'
import type { Shadow, Unexplained } from './shadow.ts'

/** What was learned of a real endpoint from the requests that were passed on to it; also a profile. */
export interface Differences {
  behaviours: Partial<Behaviours>
  shadow: {
    /** The SCIM URL of the real endpoint; null when there is none. */
    upstream: string | null
    /** How many requests were passed on, how many of these were compared, and how many of those differed. */
    forwarded: number
    compared: number
    differing: number
    /** A sentence for each switch that is another one there. */
    summary: string[]
    switches: LearnedRow[]
    /** What no switch explains. */
    unexplained: Unexplained[]
  }
}

/** The findings of an instance; of one without a real endpoint, that nothing is determined. */
export function toFindings(here: Behaviours, shadow: Shadow | undefined, url: string | null): Differences {
  const learned = shadow?.analysis.learned ?? new Learned()
  const switches = learned.toRows(here)
  return {
    behaviours: learned.determined,
    shadow: {
      upstream: shadow ? url : null,
      ...(shadow?.counts ?? { forwarded: 0, compared: 0, differing: 0 }),
      summary: switches.filter(row => row.seen !== null && row.seen !== row.here).map(toSentence),
      switches,
      unexplained: [...(shadow?.unexplained.values() ?? [])],
    },
  }
}

const toSentence = ({ key, here, seen, times, reading }: LearnedRow): string =>
  `\`${key}\` is \`${seen}\` there, not \`${here}\`: ${reading}${times > 1 ? ` (${times} times)` : ''}`

/** What was learned, in one line for the log. */
export function toLine(name: string, { shadow }: Differences): string {
  const { upstream, forwarded, compared, differing, summary, switches, unexplained } = shadow
  const open = switches.filter(({ seen }) => seen === null).length
  const parts = [
    `passed on from the instance ${JSON.stringify(name)} to ${upstream}: ${forwarded}, compared: ${compared}, answered differently: ${differing}`,
    ...summary,
    `${open} of ${switches.length} switches are not determined`,
    ...(unexplained.length > 0 ? [`${unexplained.length} kinds of differences no switch explains`] : []),
  ]
  return parts.join('; ')
}
