// Error answers outside of exchanges, and what the log tells of them.

import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { KnownSecrets } from '../../src/account/secrets/known-secrets.ts'
import { ApiError } from '../../src/errors.ts'
import type { Context } from '../../src/http/context.ts'
import { answerProblems } from '../../src/http/errors.ts'
import { toLog } from '../../src/log.ts'

test('a refusal is no error of the server, an accident is one', async () => {
  const told: string[] = []
  const log = toLog('info', { write: line => told.push(line) })
  const app = Fastify()
  answerProblems(app, { log, instances: { secrets: new KnownSecrets() } } as unknown as Context)
  app.get('/refused', () => Promise.reject(new ApiError('notFound', 'No.')))
  app.get('/broken', () => Promise.reject(new Error('why')))
  expect((await app.inject('/refused')).json()).toMatchObject({ status: 404, detail: 'No.' })
  expect(told).toEqual([])
  expect((await app.inject('/broken')).json()).toMatchObject({ status: 500 })
  expect(told).toEqual([expect.stringContaining('why')])
})
