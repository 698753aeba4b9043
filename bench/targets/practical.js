// The practical limit: the fastest SCIM server that one would write in one file on the same foundations (Fastify and
// better-sqlite3). It keeps every user as ready-made JSON text, checks nothing but the token, knows one user list,
// one filter and one PATCH, and remembers nothing of what it was asked.

import Sqlite from 'better-sqlite3'
import Fastify from 'fastify'
import { announce, authorization, options, toUser } from './common.js'

const database = new Sqlite(options.file ?? ':memory:')
if (options.file) {
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
}
database.exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, key TEXT NOT NULL, json TEXT NOT NULL);
  CREATE UNIQUE INDEX users_by_key ON users (key);`)
const insert = database.prepare('INSERT INTO users (id, key, json) VALUES (?, ?, ?)')
const byId = database.prepare('SELECT json FROM users WHERE id = ?').pluck()
const byKey = database.prepare('SELECT json FROM users WHERE key = ?').pluck()
const page = database.prepare('SELECT json FROM users WHERE id >= ? ORDER BY id LIMIT ?').pluck()
const update = database.prepare('UPDATE users SET json = ? WHERE id = ?')

let total = 0
database.transaction(() => {
  while (total < options.users) {
    total += 1
    const user = toUser(total)
    insert.run(total, user.userName, JSON.stringify(user))
  }
})()

const type = 'application/scim+json; charset=utf-8'
const app = Fastify({ logger: false })
app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, (_request, body, done) => {
  done(null, JSON.parse(body))
})
app.addHook('onRequest', (request, reply, done) => {
  if (request.headers.authorization !== authorization) reply.code(401).send()
  else done()
})

const toList = (count, startIndex, texts) =>
  `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":${count},"startIndex":${startIndex},"itemsPerPage":${texts.length},"Resources":[${texts.join(',')}]}`

app.get('/scim/v2/Users', (request, reply) => {
  reply.header('content-type', type)
  const { filter, startIndex = 1, count = 100 } = request.query
  if (filter !== undefined) {
    const json = byKey.get(filter.slice(filter.indexOf('"') + 1, -1).toLowerCase())
    return reply.send(json === undefined ? toList(0, 1, []) : toList(1, 1, [json]))
  }
  return reply.send(toList(total, Number(startIndex), page.all(Number(startIndex), Number(count))))
})
app.get('/scim/v2/Users/:id', (request, reply) => {
  const json = byId.get(Number(request.params.id))
  if (json === undefined) return reply.code(404).send()
  return reply.header('content-type', type).send(json)
})
app.post('/scim/v2/Users', (request, reply) => {
  const { userName, name } = request.body
  total += 1
  const now = new Date().toISOString()
  const user = toUser(total, userName)
  user.name = { formatted: `${name.givenName} ${name.familyName}`, ...name }
  user.displayName = user.name.formatted
  user.meta.created = now
  user.meta.lastModified = now
  const json = JSON.stringify(user)
  insert.run(total, userName.toLowerCase(), json)
  return reply.code(201).header('content-type', type).header('location', user.meta.location).send(json)
})
app.patch('/scim/v2/Users/:id', (request, reply) => {
  const id = Number(request.params.id)
  const user = JSON.parse(byId.get(id))
  for (const { path, value } of request.body.Operations) user[path] = value
  user.meta.lastModified = new Date().toISOString()
  const json = JSON.stringify(user)
  update.run(json, id)
  return reply.header('content-type', type).send(json)
})

await app.listen({ port: 0, host: '127.0.0.1' })
announce(app.server)
