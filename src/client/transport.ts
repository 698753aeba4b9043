// How control requests travel, and what a refusal of the control API becomes.

/** The control API refused; the message tells why. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  /** The answer's body. */
  readonly body: unknown

  constructor(message: string, status: number, body: unknown) {
    super(message)
    this.status = status
    this.body = body
  }
}

/** How control requests travel. */
export interface Transport {
  url: string
  adminKey: string
  /** `path` is below the control URL; `text` is the answer's body as it came. */
  send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>
}

/** The Content-Type of what a control request sends. */
export const jsonType = { 'content-type': 'application/json' }

/** The answer to a control request. @throws ControlError when it is a refusal */
export async function ask(transport: Transport, method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, text } = await transport.send(method, path, body)
  if (status >= 400) throw toError(status, text)
  return text === '' ? undefined : JSON.parse(text)
}

/** The refusal, with what its problem body says in words. */
export function toError(status: number, text: string): ControlError {
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {}
  const { detail } = (body ?? {}) as { detail?: string }
  return new ControlError(detail ?? `The control API answered ${status}: ${text.slice(0, 200)}`, status, body)
}
