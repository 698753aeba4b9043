// The ids that another endpoint gives users, and those that the same users have here: requests are translated by them.

import { decode } from '../paths.ts'

/** The id here for an id there; undefined for a user that was never met. */
export type Ids = Pick<ReadonlyMap<string, string>, 'get'>

/** The id here for an id that was never met there: no user has it. */
const nobody = '999999999999999'

const toOurId = (id: string, ids: Ids): string => ids.get(id) ?? (/^\d+$/.test(id) ? nobody : id)

/** The id that a path names, as it is there. */
export function findNamedId(path: string): string | undefined {
  const [, id] = /^\/+Users\/+([^/?]+)/i.exec(path) ?? []
  return id === undefined ? undefined : decode(id)
}

/** A path with `{id}` in place of a user's id. */
export const withoutId = (path: string): string => path.replace(/^(\/+Users\/+)[^/?]+/i, '$1{id}')

/** A path below the SCIM URL, with its query, as it is here. */
export function toOurPath(path: string, ids: Ids): string {
  return path
    .replace(
      /^(\/+Users\/+)([^/?]+)/i,
      (_, start: string, id: string) => start + encodeURIComponent(toOurId(decode(id), ids)),
    )
    .replace(
      /([?&]filter=(?:[^&]*?(?:%20|\+|\(|%28))?id(?:%20|\+)eq(?:%20|\+)(?:"|%22))([^"%&]+)/i,
      (_, start: string, id: string) => start + toOurId(id, ids),
    )
}

/** A body as it is here; unchanged when it is no JSON. */
export function toOurBody(body: string, ids: Ids): string {
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) => {
      if (typeof value !== 'string') return value
      if (name === 'id') return ids.get(value) ?? value
      return value.replace(/(\/Users\/)([^/?]+)$/, (whole, start: string, id: string) =>
        ids.get(id) ? start + ids.get(id) : whole,
      )
    })
  } catch {
    return body
  }
}
