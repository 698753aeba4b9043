// What calibrate sends to create its user: bodies from the least upwards.

import { userUrn } from '../../scim/user.ts'

/** What a POST may hold beside userName. */
export type Part = 'givenName' | 'familyName' | 'displayName' | 'emails'

/**
 * The sets of parts in the order in which they are tried. Each refusal creates nobody. What is refused with a set of parts is
 * refused with fewer, too, so these tell which of the four are needed: none, both names, or all.
 */
export const ladder: readonly (readonly Part[])[] = [
  [],
  ['givenName'],
  ['familyName'],
  ['givenName', 'familyName'],
  ['givenName', 'familyName', 'displayName'],
  ['givenName', 'familyName', 'emails'],
  ['givenName', 'displayName', 'emails'],
  ['familyName', 'displayName', 'emails'],
  ['givenName', 'familyName', 'displayName', 'emails'],
]

/** The names of the user. */
export const names = { givenName: 'Calibration', familyName: 'Probe' }

/** What a userName has before its @. */
export const withoutDomain = (userName: string): string => userName.replace(/@.*/, '')

/** The body of a POST. */
export function toBody(userName: string, parts: readonly Part[], extra: object): object {
  const has = (part: Part) => parts.includes(part)
  return {
    schemas: [userUrn],
    userName,
    externalId: withoutDomain(userName),
    ...((has('givenName') || has('familyName')) && {
      name: {
        ...(has('givenName') && { givenName: names.givenName }),
        ...(has('familyName') && { familyName: names.familyName }),
      },
    }),
    ...(has('displayName') && { displayName: 'SCIM calibration' }),
    ...(has('emails') && { emails: [{ value: userName, type: 'work', primary: true }] }),
    ...extra,
  }
}
