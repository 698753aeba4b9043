// A record as Insightly's REST API shows it. Pure.

import { recordFields, type UserRecord } from './record.ts'

type ShownRow = Extract<(typeof recordFields)[number], { inRest: true }>
type Shown<R extends ShownRow> = R extends { type: 'date' }
  ? string
  : R['name'] extends keyof UserRecord
    ? UserRecord[R['name']]
    : number

/** A record in the form of Insightly's REST API: dates as `2026-03-02 09:14:07`, in UTC (U-22). */
export type RestForm = { [R in ShownRow as R['name']]: Shown<R> }

const shownRows = recordFields.filter((row): row is ShownRow => 'inRest' in row)

/** The names of the fields that Insightly's REST API shows, in its order. */
export const insightlyFields = shownRows.map(({ name }) => name)

const toInsightlyDate = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')

/** A record as Insightly's REST API shows it. */
export function toInsightly(record: UserRecord, instanceId: number): RestForm {
  const shown: Record<string, unknown> = {}
  for (const { name, type } of shownRows) {
    if (name === 'INSTANCE_ID') shown[name] = instanceId
    else shown[name] = type === 'date' ? toInsightlyDate(record[name]) : record[name]
  }
  return shown as RestForm
}
