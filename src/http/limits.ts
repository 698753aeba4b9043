// What one client may take, in seconds, bytes and numbers: --host may be public, and some clients stall on purpose.

/** The limits of every server. */
export const limits = {
  /** For the request line and all headers; an idle new connection ends then, too. */
  headSeconds: 20,
  /** For the whole request, body included: a state document of a million users is read for minutes where little else is. */
  requestSeconds: 600,
  /** Between two requests on a connection. */
  idleSeconds: 65,
  /** An id of any reasonable length is looked for before it is refused (U-06). */
  headBytes: 64 * 1024,
  /** The largest body (D-08). */
  bodyBytes: 1024 * 1024,
  connections: 10_000,
}
