// An endpoint that is not ours: one in front of an instance, which answers some requests in a way of its own.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestInstance } from '../../support.ts'

/** What a client asks for. */
export interface Asked {
  method: string
  /** Below the SCIM URL, with the query, decoded. */
  path: string
  /** The text of the body. */
  sent: string
}

/** What it is told. */
export interface Told {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test answers bodies of every shape
  body?: any
}

/** Tells an answer of its own; `ask` asks the instance, with another body where one is given. */
export type Telling = (asked: Asked, ask: (sent?: string) => Promise<Told>) => Told | Promise<Told>

/** Starts such an endpoint. */
export async function inFrontOf({ scimUrl }: TestInstance, toAnswer: Telling) {
  const server = createServer(async (incoming, response) => {
    const { authorization = '' } = incoming.headers
    const { method = '', url = '' } = incoming
    const given = await text(incoming)
    const { status, body } = await toAnswer(
      { method, path: decodeURIComponent(url), sent: given },
      async (sent = given) => {
        const headers = { authorization, 'content-type': 'application/scim+json' }
        const answer = await fetch(`${scimUrl}${url}`, { method, headers, ...(sent !== '' && { body: sent }) })
        const shown = await answer.text()
        return { status: answer.status, ...(shown !== '' && { body: JSON.parse(shown) }) }
      },
    )
    response.writeHead(status, { 'content-type': 'application/scim+json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
