// The routes of an instance's users, as Insightly's administrator sees and edits them.

import * as z from 'zod/mini'
import type { Instance } from '../account/instance.ts'
import { newUser, userChange } from '../account/state.ts'
import type { UserChange } from '../account/users.ts'
import type { Context } from '../http/context.ts'
import type { UserRecord } from '../insightly/record.ts'
import { toInsightly } from '../insightly/rest-form.ts'
import { foldCase } from '../scim/attribute.ts'
import type { ScimRecord } from '../scim/user.ts'
import { type ControlApp, named, ofInstance } from './route.ts'
import type { InsightlyUser, UserMatch } from './types.ts'
import { waitParameters, waitUntil } from './waiting.ts'

/** openapi.yaml takes the members of a user from the table of records. */
const user = named('LicensedRecord', z.custom<InsightlyUser>())
const addition = named('UserAddition', newUser)
const edit = named('UserEdit', userChange)

const ofUser = z.extend(ofInstance, {
  USER_ID: z.string().check(z.minLength(1), z.meta({ description: 'The user.', examples: ['1'] })),
})

/** The parameter of a query that names a user. */
export const userNameInQuery = z
  .optional(z.string())
  .check(z.meta({ description: 'The userName, in any letter case.' }))

const query = z.strictObject({
  userName: userNameInQuery,
  active: z.optional(
    z
      .pipe(
        z.pipe(
          z.enum(['true', 'false']),
          z.transform(text => text === 'true'),
        ),
        z.boolean(),
      )
      .check(z.meta({ description: 'Only the active users, or only the inactive ones.' })),
  ),
  ...waitParameters,
})

/** Registers the routes of users. */
export function userRoutes(app: ControlApp, context: Context): void {
  const { instances } = context

  app.get(
    '/instances/:name/users',
    {
      schema: {
        operationId: 'listRecords',
        summary: "The users as Insightly's records",
        params: ofInstance,
        querystring: query,
        response: { 200: z.array(user), 408: z.array(user) },
      },
    },
    async (request, reply) => {
      const instance = instances.get(request.params.name)
      const { wait, count, ...match } = request.query
      const { find, isMeant } = toSearch(instance, match)
      if (wait !== undefined) {
        let matched = find().length
        const isMet = (change?: UserChange): boolean => {
          if (change) matched = countAfter(change)
          return matched >= count
        }
        // An empty change says that any user may have changed.
        const countAfter = ({ before, after }: UserChange): number =>
          before || after ? matched + Number(isMeant(after)) - Number(isMeant(before)) : find().length
        const isSo = await waitUntil(request, context, instance, { event: 'user', milliseconds: wait, isMet })
        reply.code(isSo ? 200 : 408)
      }
      return find().map(record => toLicensedRecord(record, instance))
    },
  )

  app.post(
    '/instances/:name/users',
    {
      schema: {
        operationId: 'addRecord',
        summary: 'Adds a user as an administrator does by hand',
        params: ofInstance,
        body: addition,
        response: { 201: user },
        errors: ['uniqueness'],
        links: { getRecord: { name: '$request.path.name', USER_ID: '$response.body#/USER_ID' } },
      },
    },
    (request, reply) => {
      const instance = instances.get(request.params.name)
      reply.code(201).send(toLicensedRecord(instance.users.insert(request.body), instance))
    },
  )

  app.get(
    '/instances/:name/users/:USER_ID',
    { schema: { operationId: 'getRecord', summary: 'One user', params: ofUser, response: { 200: user } } },
    request => {
      const instance = instances.get(request.params.name)
      return toLicensedRecord(instance.records.get(request.params.USER_ID), instance)
    },
  )

  app.patch(
    '/instances/:name/users/:USER_ID',
    {
      schema: {
        operationId: 'editRecord',
        summary: "Edits a user behind the client's back",
        params: ofUser,
        body: edit,
        response: { 200: user },
        errors: ['forbidden', 'uniqueness'],
      },
    },
    request => {
      const instance = instances.get(request.params.name)
      return toLicensedRecord(instance.users.edit(request.params.USER_ID, request.body), instance)
    },
  )
}

/** A user as the control API shows it. */
export const toLicensedRecord = (record: UserRecord, instance: Instance): InsightlyUser => ({
  ...toInsightly(record, instance.instanceId),
  LICENSES: [...record.LICENSES],
})

/** Finds the users that match, and tells whether one matches without reading the table. */
function toSearch({ records }: Instance, match: UserMatch) {
  const { userName, active } = match
  const key = userName === undefined ? undefined : foldCase(userName)
  return {
    find: () => records.match(match),
    isMeant: (user: ScimRecord | undefined): boolean =>
      user !== undefined &&
      (active === undefined || user.ACTIVE === active) &&
      (key === undefined || foldCase(user.EMAIL_ADDRESS) === key),
  }
}
