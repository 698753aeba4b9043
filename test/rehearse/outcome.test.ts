import { expect, test } from 'vitest'
import type { Step } from '../../src/rehearse/conversations.ts'
import { judge, type Seen } from '../../src/rehearse/outcome.ts'

const toPlayed = (
  method: string,
  status: number,
  problem?: string,
  body: unknown = {},
  type = 'application/scim+json',
) => ({
  step: { does: 'changes the names', method, path: '/Users/1', expect: { status: 200 } } satisfies Step,
  path: '/Users/1',
  sent: {},
  answer: { status, headers: { 'content-type': type }, text: '', body },
  problem,
})
const toSeen = (...rules: Seen['notes'][number]['rule'][]): Seen => ({
  notes: rules.map(rule => ({ rule, text: `words of ${rule}` })),
  changes: [],
})

test('an answer as expected works, and what the journal noted is told', () => {
  expect(judge(toPlayed('POST', 201), toSeen('U-12', null))).toEqual({
    result: 'works',
    why: 'words of U-12',
    rules: ['U-12'],
  })
})

test('a change that was accepted and changed nothing, because it names what is not stored, is ignored', () => {
  expect(judge(toPlayed('PATCH', 200), toSeen('U-12')).result).toBe('ignored')
  expect(judge(toPlayed('PATCH', 200), { ...toSeen('U-12'), changes: [{}] }).result).toBe('works')
  expect(judge(toPlayed('PATCH', 200), toSeen()).result).toBe('works')
})

test('a refusal has the rule of the journal, else the words of the endpoint', () => {
  const played = toPlayed('PATCH', 400, 'status is 400', { scimType: 'invalidSyntax', detail: 'No add.' })
  expect(judge(played, toSeen('U-14'))).toEqual({ result: 'refused', why: 'words of U-14', rules: ['U-14'] })
  expect(judge(played)).toEqual({ result: 'refused', why: 'invalidSyntax: No add.', rules: [] })
  expect(judge(toPlayed('PATCH', 500, 'status is 500', null)).why).toBe('without a reason')
})

test('another answer than the client expects fails, and a page is called one', () => {
  expect(judge(toPlayed('PATCH', 200, 'active is true, not false'))).toMatchObject({
    result: 'fails',
    why: 'active is true, not false',
  })
  expect(judge(toPlayed('GET', 200, 'totalResults is absent', undefined, 'text/html')).why).toBe(
    'the answer is an HTML page',
  )
})
