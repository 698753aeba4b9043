// A conversation as a picture: the client and Insightly as two lines, each exchange an arrow there and one back, the time
// between them to scale. As shapes, as the text of an SVG file, and as Mermaid. Pure.

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

const colours = {
  line: '#66768a',
  text: '#18212c',
  muted: '#556170',
  good: '#0b5696',
  bad: '#ab1f2d',
  ground: '#ffffff',
}

/** The file of a picture, which needs nothing else. @param {Picture} picture */
export function toSvg({ client, width, height, left, right, letters, arrows, gaps }) {
  const text = (
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {string} */ words,
    /** @type {string} */ fill,
    more = '',
  ) => `<text x="${x}" y="${y}" fill="${fill}"${more}>${toXml(words)}</text>`
  const line = (
    /** @type {number} */ x1,
    /** @type {number} */ y1,
    /** @type {number} */ x2,
    /** @type {number} */ y2,
    /** @type {string} */ more,
  ) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${more}/>`
  const marker = (/** @type {string} */ id, /** @type {string} */ fill) =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8Z" fill="${fill}"/></marker>`
  const lines = [left, right].map(x => line(x, 34, x, height - 10, `stroke="${colours.line}" stroke-width="1.5"`))
  const middle = ' text-anchor="middle"'
  const rows = arrows.flatMap(({ y, time, label, reply: answer, isRefused }) => {
    const colour = isRefused ? colours.bad : colours.good
    const stroke = `stroke="${colour}" stroke-width="1.5" marker-end="url(#${isRefused ? 'bad' : 'good'})"`
    return [
      text(10, y + 4, time, colours.muted),
      text(left + 10, y - 5, cut(label, letters.label), colours.text, ' clip-path="url(#between)"'),
      line(left, y, right, y, stroke),
      line(right, y + reply, left, y + reply, `${stroke} stroke-dasharray="4 3"`),
      text(right + 10, y + reply + 4, answer, colour),
    ]
  })
  const cuts = gaps.flatMap(({ y, label }) => [
    text((left + right) / 2, y + 4, label, colours.muted, middle),
    ...[left, right].map(x =>
      line(x, y - 9, x, y + 9, `stroke="${colours.ground}" stroke-width="3" stroke-dasharray="3 3"`),
    ),
  ])
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="${colours.ground}"/><defs><clipPath id="between"><rect x="${left}" y="0" width="${right - left}" height="${height}"/></clipPath>${marker('good', colours.good)}${marker('bad', colours.bad)}</defs>
${[...lines, text(left, 22, cut(client, letters.client), colours.text, middle), text(right, 22, 'Insightly', colours.text, middle), ...rows, ...cuts].join('\n')}
</svg>
`
}

/** As much of a text as fits. @param {string} text @param {number} letters */
export const cut = (text, letters) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text)

/** @param {string} text */
const toXml = text => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)

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
