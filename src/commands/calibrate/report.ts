// How calibrate tells people and programs what it will do, what it found and what it left: the plan, the profile
// document, and the table on a terminal.

import type { Behaviours } from '../../scim/behaviour.ts'
import { type LeftBehind, toLeft } from '../endpoint.ts'
import type { Calibration, CalibrationRow } from './calibrate.ts'
import { probes } from './probes.ts'
import { isSameShape, readShapes, type Shapes } from './shapes.ts'

/** What `--out` writes and `--profile` loads: the switches, and how they came to be known. */
export interface ProfileDocument {
  behaviours: Partial<Behaviours>
  calibration: {
    by: string
    date: string
    host: string
    interrupted?: string
    user: LeftBehind
    switches: CalibrationRow[]
    shapes: { name: string; here: string | null; seen: string | null; isSame: boolean }[]
  }
}

/** The document of a calibration; `ours` are the shapes of this server. */
export function toDocument(
  { behaviours, rows, exchanges, left, interrupted }: Calibration,
  { ours, ...origin }: { by: string; date: string; host: string; ours: Shapes },
): ProfileDocument {
  const theirs = readShapes(exchanges)
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
  return {
    behaviours,
    calibration: {
      ...origin,
      ...(interrupted !== undefined && { interrupted }),
      user: left,
      switches: rows,
      shapes: names.map(name => {
        const [here = null, seen = null] = [ours[name], theirs[name]]
        return { name, here, seen, isSame: here !== null && seen !== null && isSameShape(seen, here) }
      }),
    },
  }
}

/** What calibrate will do, before it does it. */
export const toPlan = (host: string, userName: string): string => `
calibrate finds out how a SCIM endpoint behaves where nobody outside Insightly knows, so that this server can behave
the same. It speaks to ${host} as an identity provider does, one request at a time, about 50 in all:

  - reads the first user and two pages of userNames (to see how long a page is), /Schemas and other discovery pages;
  - creates ONE user, ${userName}, which belongs to nobody, and works on that user alone;
  - leaves that user deactivated. Insightly cannot delete users, so it stays in the User List; nothing else changes.

For each switch it
${Object.entries(probes)
  .map(([key, { settle }]) => `  ${key.padEnd(20)} ${settle}`)
  .join('\n')}

Stopped half-way (Ctrl-C), it deactivates the user and says what it left. The token is sent to ${host} and nowhere
else, and is never shown or written. What an endpoint does not let it find out is reported as not determined.

Nothing was sent. Run it again with --yes to begin.
`

/** The tables for a terminal. */
export function toReport({ calibration }: ProfileDocument): string {
  const { switches, shapes, host, date, user, interrupted } = calibration
  const open = switches.filter(({ seen }) => seen === null).length
  const differing = switches.filter(({ seen, here }) => seen !== null && seen !== here).length
  const unlike = shapes
    .filter(({ isSame }) => !isSame)
    .map(({ name, here, seen }) => [`  ${name}`, here ?? 'not seen', seen ?? 'not seen'])
  return [
    `${host}, ${date}`,
    '',
    toColumns([
      ['  switch', 'default here', 'seen there', 'confidence', 'proof'],
      ...switches.map(({ key, here, seen, confidence, reading }) => [
        `${seen === null ? '?' : seen === here ? ' ' : '*'} ${key}`,
        here,
        seen ?? 'not determined',
        confidence === 'effect' ? 'by effect' : (confidence ?? ''),
        reading,
      ]),
    ]),
    '',
    `${switches.length - open} of ${switches.length} switches are determined; ${differing} (*) differ from the default here.`,
    '',
    ...(unlike.length > 0 ? [toColumns([['  shape', 'here', 'seen there'], ...unlike]), ''] : []),
    `${shapes.length - unlike.length} of ${shapes.length} shapes of answers are the same as here.`,
    '',
    ...(interrupted === undefined ? [] : [`It ended early: ${interrupted}.`]),
    toLeft(user),
    '',
  ].join('\n')
}

/** Texts in columns as wide as their widest, the last as long as it is. */
function toColumns(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.min(44, Math.max(...lines.map(line => line[column]!.length))))
  return lines
    .map(line =>
      line.map((cell, column) => (column < line.length - 1 ? cell.padEnd(widths[column]!) : cell)).join('  '),
    )
    .join('\n')
}
