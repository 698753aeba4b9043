// A peer: scimmy with scimmy-routers on Express, and the best store in memory that its handlers can be given: users by
// id, by userName and in order, and pages cut before scimmy sees them.

import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'
import { announce, authorization, options, toUser } from './common.js'

const byId = new Map()
const byUserName = new Map()
const inOrder = []

function store(user) {
  byId.set(user.id, user)
  byUserName.set(user.userName.toLowerCase(), user)
}
function add(user) {
  store(user)
  inOrder.push(user.id)
}
for (let n = 1; n <= options.users; n += 1) add(toUser(n))

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .egress(resource => {
    if (resource.id) {
      const user = byId.get(resource.id)
      if (!user) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`)
      return user
    }
    const [condition] = resource.filter ?? []
    if (condition?.userName) {
      const user = byUserName.get(condition.userName[1].toLowerCase())
      return user ? [user] : []
    }
    const { startIndex = 1, count = 100 } = resource.constraints ?? {}
    // Told the total, it takes the part it is given for the page (as long as that starts beyond the part's own length).
    resource.constraints = { ...resource.constraints, totalResults: inOrder.length }
    return inOrder.slice(startIndex - 1, startIndex - 1 + count).map(id => byId.get(id))
  })
  .ingress((resource, instance) => {
    const now = new Date().toISOString()
    if (resource.id) {
      const before = byId.get(resource.id)
      const after = { ...before, ...instance, id: before.id, meta: { ...before.meta, lastModified: now } }
      if (after.userName !== before.userName) byUserName.delete(before.userName.toLowerCase())
      store(after)
      return after
    }
    if (byUserName.has(instance.userName.toLowerCase())) throw new SCIMMY.Types.Error(409, 'uniqueness', 'taken')
    const n = inOrder.length + 1
    const user = { ...toUser(n, instance.userName), name: instance.name, meta: { created: now, lastModified: now } }
    add(user)
    return user
  })
  .degress(() => {})

const app = express()
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: request => {
      if (request.header('authorization') !== authorization) throw new Error('Not authorised')
      return 'bench'
    },
  }),
)
const server = app.listen(0, '127.0.0.1', () => announce(server))
