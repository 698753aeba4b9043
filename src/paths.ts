// Gives the paths of the SCIM and REST surfaces one spelling: administrators paste URLs with a slash too many or in
// another letter case (D-06, R-01). On every surface, slashes before the first name count as one: a proxy that takes a
// path prefix away may leave its slash.

const canonical = /^\/(?:scim\/v2\/Users(?:\/\d+)?(?:\?|$)|_emulator\/)/
const names = [
  'Users',
  'Schemas',
  'ServiceProviderConfig',
  'ResourceTypes',
  'Groups',
  'Bulk',
  'Me',
  '.search',
  'Search',
  'Instance',
]
const spellings = new Map(names.map(name => [name.toLowerCase(), name]))

/** The one spelling of a request's URL that the router knows; of other surfaces only the start is spelled anew. */
export function toCanonicalUrl(url: string): string {
  if (canonical.test(url)) return url
  const afterQuery = url.indexOf('?')
  const path = (afterQuery < 0 ? url : url.slice(0, afterQuery)).replace(/^https?:\/\/[^/]*/i, '')
  const segments = path.split('/').filter(segment => segment !== '')
  const root = segments[0]?.toLowerCase()
  const isScim = root === 'scim' && segments[1]?.toLowerCase() === 'v2'
  if (!isScim && root !== 'v3.1') return url.replace(/^\/{2,}/, '/')
  const start = isScim ? ['scim', 'v2'] : ['v3.1']
  // A segment after the collection is either an id or the name of a search, so the names need no order.
  const rest = segments.slice(start.length).map(toCanonicalSegment)
  return `/${[...start, ...rest].join('/')}${afterQuery < 0 ? '' : url.slice(afterQuery)}`
}

/** A part of a URL as text; unchanged when it is not well-formed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The canonical form of the start of a path, as people write it to select requests. */
export function toCanonicalStart(start: string): string {
  const canonicalStart = toCanonicalUrl(start)
  return start.endsWith('/') && !canonicalStart.endsWith('/') ? `${canonicalStart}/` : canonicalStart
}

/** A segment with a malformed percent escape names nothing (D-05). It is made decodable, so that it becomes a 404 too. */
function toCanonicalSegment(segment: string): string {
  try {
    return spellings.get(decodeURIComponent(segment).toLowerCase()) ?? segment
  } catch {
    return segment.replaceAll('%', '%25')
  }
}
