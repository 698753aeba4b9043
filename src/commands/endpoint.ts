// What the commands that speak to a real endpoint have in common: its URL, its token, and how a signal stops them.

import { isReadable, UsageError } from '../config.ts'
import { toHarmless } from '../log.ts'

/** Reads --url. @throws UsageError */
export function parseScimUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    // What may hold a secret is not repeated.
    const given = /[@?#]/.test(text) ? 'a value' : JSON.stringify(text)
    throw new UsageError(
      `--url is ${given}, which is not accepted; expected the SCIM URL, such as https://crm.example.com/scim/v2.`,
    )
  }
  url.hash = ''
  return url
}

/**
 * Hides a token in all that is told: nothing that comes from the endpoint may bring it back to light. Nor may it steer the
 * terminal.
 */
export const toHide =
  (token: string) =>
  (text: string): string => {
    const harmless = text.split('\n').map(toHarmless).join('\n')
    return token.length < 8 ? harmless : harmless.replaceAll(token, '***')
  }

/** A user that a command made at an endpoint, and how it is left there; `nobody` when there is none. */
export interface LeftBehind {
  userName: string
  /** Null when no answer told it. */
  id: string | null
  state: 'nobody' | 'inactive' | 'removed' | 'active' | 'unknown'
}

const leftTexts: Record<Exclude<LeftBehind['state'], 'nobody'>, string> = {
  inactive: 'is deactivated',
  removed: 'is gone for good',
  active: 'is STILL ACTIVE: deactivate it by hand',
  unknown: 'may be there and ACTIVE: look for it and deactivate it by hand',
}

/** What is left at an endpoint, in one line. */
export const toLeft = ({ userName, id, state }: LeftBehind): string =>
  state === 'nobody'
    ? 'Left behind: nothing; no user was created.'
    : `Left behind: ${userName}${id === null ? '' : ` (id ${toHarmless(id)})`} ${leftTexts[state]}.`

/** What to tell when others can read the token on its way; undefined when they cannot. */
export const findOpenness = (url: URL): string | undefined =>
  isReadable(url) ? `${url.host} is spoken to without TLS: the token travels readable.` : undefined

/**
 * Aborts at the first signal, so that what is on its way ends in good order, and ends the process at the second.
 * @param say tells about it, before either
 */
export function stopOnSignal(say: (when: 'first' | 'second') => void) {
  const stopping = new AbortController()
  const stop = (): void => {
    if (stopping.signal.aborted) {
      say('second')
      process.exit(130)
    }
    say('first')
    stopping.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop)
  return {
    signal: stopping.signal,
    end: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, stop)
    },
  }
}
