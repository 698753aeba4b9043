// The public types are exact; the compiler is what fails here.

import { expectTypeOf, test } from 'vitest'
import {
  connect,
  type Entry,
  type Insightly,
  type InsightlyUser,
  type License,
  type Settings,
  start,
} from '../../src/index.ts'

test('start() and connect() give one and the same type', () => {
  expectTypeOf(start).returns.resolves.toEqualTypeOf<Insightly>()
  expectTypeOf(connect).returns.resolves.toEqualTypeOf<Insightly>()
  expectTypeOf<Insightly['createInstance']>().returns.resolves.toEqualTypeOf<Insightly>()
  expectTypeOf<Insightly>().toExtend<AsyncDisposable>()
})

test('a handle answers with Insightly’s fields, journal entries and settings', () => {
  expectTypeOf<Insightly['waitForUser']>().returns.resolves.toEqualTypeOf<InsightlyUser>()
  expectTypeOf<InsightlyUser['DATE_CREATED_UTC']>().toBeString()
  expectTypeOf<InsightlyUser['LICENSES']>().toEqualTypeOf<License[]>()
  expectTypeOf<License>().toEqualTypeOf<'CRM' | 'Marketing' | 'Service' | 'AppConnect'>()
  expectTypeOf<Insightly['requests']>().returns.resolves.toEqualTypeOf<Entry[]>()
  expectTypeOf<Entry['operation']>().extract<'deactivate' | 'destroy'>().toEqualTypeOf<'deactivate'>()
  expectTypeOf<Settings['behaviours']['groups']>().toEqualTypeOf<'absent' | 'empty'>()
  expectTypeOf<Insightly['scimToken']>().toBeString()
})

test('what is given is checked member by member', () => {
  type Wait = NonNullable<Parameters<Insightly['waitForUser']>[1]>
  expectTypeOf<{ timeout: '5s' }>().toExtend<Wait>()
  expectTypeOf<{ timeout: 5000 }>().toExtend<Wait>()
  expectTypeOf<{ timeout: '5h' }>().not.toExtend<Wait>()
  type Options = NonNullable<Parameters<typeof start>[0]>
  expectTypeOf<{ profile: { delete: 'remove' } }>().toExtend<Options>()
  expectTypeOf<{ profile: { delete: 'forget' } }>().not.toExtend<Options>()
  expectTypeOf<{ port: string }>().not.toExtend<Options>()
  expectTypeOf<{ logLevel: 'warn' }>().toExtend<Options>()
  expectTypeOf<{ logLevel: 'loud' }>().not.toExtend<Options>()
  type User = Parameters<Insightly['addUser']>[0]
  expectTypeOf<{ EMAIL_ADDRESS: string }>().not.toExtend<User>()
})
