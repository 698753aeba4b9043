import { describe, expect, test } from 'vitest'
import { findAttribute, parentOf, rows } from '../../src/scim/attribute.ts'
import { userUrn } from '../../src/scim/user.ts'

describe('findAttribute', () => {
  test.for(rows.map(row => row.path))('finds %s in any letter case, with the URN or without', path => {
    for (const name of [
      path,
      path.toUpperCase(),
      path.toLowerCase(),
      `${userUrn}:${path}`,
      `${userUrn}:${path}`.toUpperCase(),
    ])
      expect(findAttribute(name)?.path).toBe(path)
  })

  test.for([
    '',
    'nickName',
    'name.middleName',
    '__proto__',
    'constructor',
    `${userUrn}:`,
    userUrn,
    `${userUrn}userName`,
    'userName ',
  ])('finds nothing for "%s"', name => {
    expect(findAttribute(name)).toBeUndefined()
  })
})

test('every part of an attribute stands below one', () => {
  for (const row of rows) {
    const parent = parentOf(row)
    if (parent !== undefined) expect(rows.find(({ path }) => path === parent)?.type).toBe('complex')
  }
})
