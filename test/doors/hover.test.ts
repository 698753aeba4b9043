// What an editor shows of the options that a program gives: each has a comment. The compiler is asked as editors ask it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Message {
  id?: number
  method?: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  result?: any
}

/** The compiler as a language server. */
class LanguageServer {
  readonly #child: ChildProcess
  readonly #answers = new Map<number, (message: Message) => void>()
  #received = Buffer.alloc(0)
  #lastId = 0

  constructor() {
    this.#child = spawn('node_modules/.bin/tsc', ['--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      for (let message = this.#next(); message; message = this.#next()) this.#take(message)
    })
  }

  #next(): Message | undefined {
    const head = this.#received.indexOf('\r\n\r\n') + 4
    const length = Number(/Content-Length: (\d+)/i.exec(this.#received.subarray(0, head).toString())?.[1])
    if (head < 4 || this.#received.length < head + length) return undefined
    const text = this.#received.subarray(head, head + length).toString()
    this.#received = this.#received.subarray(head + length)
    return JSON.parse(text)
  }

  #take(message: Message): void {
    // What the server asks has no answer here.
    if (message.method !== undefined && message.id !== undefined) this.#send({ id: message.id, result: null })
    else this.#answers.get(message.id!)?.(message)
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#child.stdin!.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  tell(method: string, params: object): void {
    this.#send({ method, params })
  }

  ask(method: string, params: object): Promise<Message['result']> {
    this.#lastId += 1
    const answer = new Promise<Message>(resolve => this.#answers.set(this.#lastId, resolve))
    this.#send({ id: this.#lastId, method, params })
    return answer.then(({ result }) => result)
  }

  async end(): Promise<void> {
    this.#child.kill()
    await once(this.#child, 'exit')
  }
}

let server: LanguageServer
beforeAll(async () => {
  server = new LanguageServer()
  const rootUri = pathToFileURL(process.cwd()).href
  const completion = { completionItem: { documentationFormat: ['plaintext'] } }
  await server.ask('initialize', { processId: process.pid, rootUri, capabilities: { textDocument: { completion } } })
  server.tell('initialized', {})
})
afterAll(() => server.end())

/** What an editor shows of each member that fits into an object of a type. */
async function commentsOf(type: string): Promise<Record<string, string>> {
  const uri = pathToFileURL(join(process.cwd(), `test/doors/hover-of-${encodeURIComponent(type)}.ts`)).href
  const lines = [`import type * as it from '../../src/index.ts'`, `export const options: ${type} = { `, '}']
  server.tell('textDocument/didOpen', {
    textDocument: { uri, languageId: 'typescript', version: 1, text: lines.join('\n') },
  })
  const position = { line: 1, character: lines[1]!.length }
  const { items } = await server.ask('textDocument/completion', { textDocument: { uri }, position })
  const members = (items as { label: string; kind: number }[]).filter(({ kind }) => kind === 5)
  return Object.fromEntries(
    await Promise.all(
      members.map(async item => {
        const { documentation } = await server.ask('completionItem/resolve', item)
        return [item.label.replace('?', ''), documentation?.value ?? documentation ?? '']
      }),
    ),
  )
}

test('start() shows what its options mean, as the table of settings says it', async () => {
  const comments = await commentsOf('it.StartOptions')
  expect(comments).toMatchObject({
    host: expect.stringContaining('The address to listen on'),
    anyToken: expect.stringContaining('An unknown SCIM token creates its own instance'),
    port: expect.stringContaining('a free one unless given'),
    logLevel: expect.stringContaining('unless given'),
  })
  expect(Object.keys(comments)).toContain('seed')
})

test.for([
  'it.StartOptions',
  'it.ConnectOptions',
  'it.InstanceOptions',
  'it.WaitOptions',
  'it.UserMatch',
  'it.RequestMatch',
  'it.RequestQuery',
  'it.SettingsChange',
  'it.FaultRule',
  "NonNullable<it.FaultRule['match']>",
  "NonNullable<it.FaultRule['when']>",
  'it.FaultEffect',
])('every member of %s has a comment', async type => {
  const comments = await commentsOf(type)
  expect(Object.keys(comments).length).toBeGreaterThan(0)
  expect(Object.keys(comments).filter(member => comments[member] === '')).toEqual([])
})
