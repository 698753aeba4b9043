// The headers that no message takes along to another connection. Used where a request is passed on or sent again.

/** Headers that concern one connection only (RFC 9110 §7.6.1), beside those that `Connection` names. */
export const hopByHop: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
