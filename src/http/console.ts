// Serves the console: the static modules of src/console and the two libraries that they import, from memory and by name
// alone. They contain no data; the page fetches what it shows from the control API.

import { hash } from 'node:crypto'
import { extname } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ApiError } from '../errors.ts'
import { listOwnFiles, readLibraryFile, readOwnFile } from '../own-files/folder.ts'

const folder = 'src/console'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The modules of other packages that the page imports: what Node resolves, and the file for browsers that lies beside it. */
export const libraries: Readonly<Record<string, [specifier: string, file: string]>> = {
  'preact.js': ['preact', 'preact.mjs'],
  'hooks.js': ['preact/hooks', 'hooks.mjs'],
  'htm.js': ['htm', 'htm.mjs'],
}

interface StaticFile {
  body: Buffer
  type: string
  etag: string
}

/** The console: its page at `/` and its files below `/console/`. */
export const consoleSurface = { prefix: '/', plugin: register }

function register(app: FastifyInstance): void {
  let files: Map<string, StaticFile> | undefined
  let headers: Record<string, string> = {}
  const open = (): Map<string, StaticFile> => {
    if (files) return files
    files = readFiles()
    headers = toHeaders(files.get('index.html')!.body.toString())
    return files
  }

  app.get('/', (request, reply) => answer('index.html', request.headers['if-none-match'], reply))
  app.get<{ Params: { file: string } }>('/console/:file', (request, reply) =>
    answer(request.params.file, request.headers['if-none-match'], reply),
  )

  function answer(name: string, known: string | undefined, reply: FastifyReply) {
    const file = open().get(name)
    reply.headers(headers)
    if (!file) throw new ApiError('notFound', 'The console has no file of this name.')
    reply.header('etag', file.etag)
    if (known === file.etag) return reply.code(304).send()
    return reply.type(file.type).send(file.body)
  }
}

function readFiles(): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>()
  for (const name of listOwnFiles(folder)) {
    const type = types[extname(name)]
    if (type) files.set(name, toFile(readOwnFile(`${folder}/${name}`), type))
  }
  const mark = files.get('mark.svg')!.body.toString()
  for (const count of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '9+'])
    files.set(
      `mark-${count.replace('+', '-and-more')}.svg`,
      toFile(Buffer.from(withCount(mark, count)), types['.svg']!),
    )
  for (const [name, [specifier, file]] of Object.entries(libraries)) {
    const text = readLibraryFile(specifier, file).toString()
    // The last line names a source map, which is not served.
    const body = Buffer.from(text.replace(/\/\/# sourceMappingURL=.*/, ''))
    files.set(name, toFile(body, types['.js']!))
  }
  return files
}

/** The page's icon with the number of refusals that nobody has seen. The policy of the page lets no script draw one. */
const withCount = (mark: string, count: string): string =>
  mark.replace(
    '</svg>',
    `<circle cx="22" cy="10" r="10" fill="#c21f30"/><text x="22" y="15" font-family="sans-serif" font-size="${count.length > 1 ? 12 : 15}" font-weight="bold" text-anchor="middle" fill="#fff">${count}</text></svg>`,
  )

const toFile = (body: Buffer, type: string): StaticFile => ({
  body,
  type,
  etag: `"${hash('sha256', body, 'base64url')}"`,
})

/**
 * The headers of every answer. They allow nothing from elsewhere, no frame, no referrer, and nothing inline but what
 * stands in the page itself, by its hash: the import map, and the slash at the end of the address.
 */
function toHeaders(page: string): Record<string, string> {
  const inline = [...page.matchAll(/<script(?: type="importmap")?>(.*?)<\/script>/gs)].map(
    ([, text]) => `'sha256-${hash('sha256', text!, 'base64')}'`,
  )
  return {
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'self' ${inline.join(' ')}`,
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    // The names of the files do not tell their version, so browsers must ask whether a file has changed.
    'cache-control': 'no-cache',
  }
}
