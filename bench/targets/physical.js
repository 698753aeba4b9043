// The physical limit: bare node:http with constant bodies. Nothing that parses, looks up or stores anything can be
// faster on this runtime.

import { createServer } from 'node:http'
import { announce, options, toUser } from './common.js'

const { users } = options
const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse']
const toList = resources =>
  JSON.stringify({
    schemas,
    totalResults: users,
    startIndex: 1,
    itemsPerPage: resources.length,
    Resources: resources,
  })
const user = JSON.stringify(toUser(1))
const one = toList([toUser(1)])
const none = toList([])
const page = toList(Array.from({ length: 100 }, (_, index) => toUser(index + 1)))

function answer(response, status, body) {
  response.writeHead(status, {
    'content-type': 'application/scim+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

const server = createServer((request, response) => {
  const { method, url } = request
  if (method === 'GET') {
    if (url.includes('filter=')) answer(response, 200, url.includes('nobody') ? none : one)
    else answer(response, 200, url.includes('count=') ? page : user)
    return
  }
  request.resume()
  request.on('end', () => answer(response, method === 'POST' ? 201 : 200, user))
})
server.listen(0, '127.0.0.1', () => announce(server))
