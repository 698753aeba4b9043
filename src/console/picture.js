// A conversation as a picture: the client and Insightly as two lines, each exchange an arrow there and one back, the time
// between them to scale. As shapes, and as Mermaid. Pure.

import { toPlain } from './text.js'
import { toOperation } from './words.js'

/** @typedef {import('./api.js').Entry} Entry */
/** @typedef {{ id: number, y: number, time: string, label: string, reply: string, isRefused: boolean }} Arrow */
/** @typedef {{ y: number, label: string }} Gap */
/**
 * @typedef {{ width: number, left: number, right: number, letters: { client: number, label: number } }} Form where the two
 *   lines stand, and how many letters of the client's name and of an arrow's label fit
 * @typedef {Form & { client: string, height: number, arrows: Arrow[], gaps: Gap[] }} Picture
 */

/** @type {Form} */
const wide = { width: 760, left: 130, right: 600, letters: { client: 32, label: 60 } }
/** For a phone. @type {Form} */
const narrow = { width: 350, left: 76, right: 270, letters: { client: 18, label: 24 } }

/** The least and the greatest distance of two exchanges, in pixels. A longer time is cut and named. */
const least = 44
const greatest = 150
const head = 54
const reply = 16

/** @param {Entry[]} entries oldest first @param {boolean} [isNarrow] whether it is for a phone @returns {Picture} */
export function toPicture(entries, isNarrow = false) {
  const times = entries.map(({ when }) => Date.parse(when))
  const scale = toScale(times)
  /** @type {Gap[]} */
  const gaps = []
  let y = head
  const arrows = entries.map((entry, index) => {
    const passed = (times[index] ?? 0) - (times[index - 1] ?? times[index] ?? 0)
    if (index > 0) {
      const distance = Math.max(least, passed * scale)
      if (distance > greatest) gaps.push({ y: y + greatest / 2 + reply / 2, label: `${toSpan(passed)} later` })
      y += Math.min(greatest, distance)
    }
    return { id: entry.id, y, ...toWords(entry) }
  })
  const clients = [...new Set(entries.map(({ client }) => toPlain(client ?? 'no user agent')))]
  const client = clients.length > 3 ? `${clients.length} clients` : clients.join(', ')
  return { ...(isNarrow ? narrow : wide), client, height: y + 60, arrows, gaps }
}

/** Pixels for a millisecond: so many that half of the times between exchanges are drawn at least twice the least distance. */
function toScale(/** @type {number[]} */ times) {
  const passed = times.slice(1).map((time, index) => time - /** @type {number} */ (times[index]))
  const middle = passed.sort((a, b) => a - b)[Math.floor(passed.length / 2)] ?? 0
  return middle > 0 ? (2 * least) / middle : 0
}

/** @param {Entry} entry */
function toWords({ when, operation, userName, method, path, status, notes, fault }) {
  const { label } = toOperation(operation)
  const whom = toPlain(userName ?? path)
  const [note] = notes
  const why = operation === 'refused' && note?.rule ? ` ${note.rule}` : fault ? ` fault: ${fault}` : ''
  return {
    time: when.slice(11, 19),
    label: `${method} ${label === 'Refused' ? '' : `${label}: `}${whom}`,
    reply: `${status ?? 'no answer'}${why}`,
    isRefused: status === null || status >= 400,
  }
}

/** A time in words. @param {number} milliseconds */
export function toSpan(milliseconds) {
  const units = /** @type {const} */ ([
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ])
  const [size, name] = units.find(([each]) => milliseconds >= each) ?? [1, 'ms']
  const count = milliseconds / size
  return `${count < 10 && size > 1 ? Number(count.toFixed(1)) : Math.round(count)} ${name}`
}

/** As much of a text as fits. @param {string} text @param {number} letters */
export const cut = (text, letters) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text)

/** A picture as Mermaid draws it in a bug report. @param {Picture} picture */
export function toMermaid({ client, arrows, gaps }) {
  const lines = ['sequenceDiagram', `  participant C as ${toLabel(client)}`, '  participant I as Insightly']
  let next = 0
  for (const { y, time, label, reply: answer, isRefused } of arrows) {
    for (; (gaps[next]?.y ?? Number.POSITIVE_INFINITY) < y; next += 1)
      lines.push(`  Note over C,I: ${gaps[next]?.label}`)
    lines.push(`  C->>I: ${time} ${toLabel(label)}`, `  I--${isRefused ? 'x' : '>>'}C: ${toLabel(answer)}`)
  }
  return `${lines.join('\n')}\n`
}

/** A label without what Mermaid takes for its own. @param {string} text */
const toLabel = text => text.replace(/[#;:<>%]/g, character => `#${character.charCodeAt(0)};`).replace(/\s+/g, ' ')
