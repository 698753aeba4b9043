// The limits of a client. The server may be reachable from everywhere, and some clients stall on purpose.

/** The limits of every server. */
export const limits = {
  /** For the request line and all headers. A new connection that sends nothing is closed then, too. */
  headSeconds: 20,
  /** For the whole request with its body: on a small machine, a state document of a million users takes minutes to read. */
  requestSeconds: 600,
  /** Between two requests on a connection. */
  idleSeconds: 65,
  /** For the request line and all headers. An id of any reasonable length is looked up before it is refused (U-06). */
  headBytes: 64 * 1024,
  /** The largest body (D-08). */
  bodyBytes: 1024 * 1024,
  connections: 10_000,
  /** How many instances --any-token may make, besides the one that is there from the start. */
  anyTokenInstances: 10_000,
}
