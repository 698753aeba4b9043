// What the server says of itself, and the URLs that clients reach it by.

import { serverUrl } from './api.js'
import { Shared } from './shared.js'

/** @type {Shared<{ publicUrl: string | null, instances: string[] } | undefined>} */
export const server = new Shared(
  /** @type {{ publicUrl: string | null, instances: string[] } | undefined} */ (undefined),
)

/**
 * The URLs of an instance that work from outside: those that were set, or else those beside this page, since the server
 * cannot know of a path prefix or a tunnel. `here` is the SCIM URL beside this page, if it is another one.
 * @param {import('./live.js').Live} live
 */
export function useUrls({ settings, description }) {
  const { publicUrl } = server.use() ?? {}
  const [scim, api] = ['scim/v2', 'v3.1'].map(path => new URL(path, serverUrl).href)
  const isTold = Boolean(settings?.publicUrl ?? publicUrl)
  const scimUrl = (isTold && description?.scimUrl) || scim || ''
  return { scimUrl, apiUrl: (isTold && description?.apiUrl) || api || '', here: scimUrl === scim ? undefined : scim }
}
