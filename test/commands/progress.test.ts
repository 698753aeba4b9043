// How long work is shown: by a clock of the test's own, so that nothing depends on how long it really takes.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Instances } from '../../src/account/instances.ts'
import { tellProgress, withProgress } from '../../src/account/progress.ts'
import { calibrate } from '../../src/commands/calibrate/calibrate.ts'
import { compare } from '../../src/commands/compare/compare.ts'
import { readRecording } from '../../src/commands/compare/recording.ts'
import { showProgress } from '../../src/commands/progress.ts'
import { start } from '../../src/index.ts'
import { behaviourRows } from '../../src/scim/behaviour.ts'

/** Shows steps of work, one each so many milliseconds; gives what was written. */
function watch(isTTY: boolean, steps: number, milliseconds: number): string[] {
  const written: string[] = []
  let time = 5000
  {
    using _shown = showProgress({ isTTY, write: text => written.push(text) }, undefined, () => time)
    for (let done = 0; done <= steps; done += 1) {
      tellProgress('loading users', done * 1000, steps * 1000)
      time += milliseconds
    }
  }
  tellProgress('loading users', 1, 1)
  return written
}

test('work of less than a second is not shown', () => {
  expect(watch(true, 9, 99)).toEqual([])
  expect(watch(false, 9, 99)).toEqual([])
})

test('elsewhere than on a terminal it is a line a second', () => {
  expect(watch(false, 30, 100)).toEqual([
    'loading users: 10,000 of 30,000\n',
    'loading users: 20,000 of 30,000\n',
    'loading users: 30,000 of 30,000\n',
  ])
})

test('on a terminal it is one line that moves and is gone in the end', () => {
  const erase = '\r\u001b[K'
  expect(watch(true, 12, 100)).toEqual([
    `${erase}loading users: 10,000 of 12,000`,
    `${erase}loading users: 11,000 of 12,000`,
    `${erase}loading users: 12,000 of 12,000`,
    erase,
  ])
})

/** Work that is done while every look at the clock takes so long that each step is shown. */
async function stepsOf(work: () => unknown): Promise<string[]> {
  const lines: string[] = []
  let time = 0
  const now = () => {
    time += 1000
    return time
  }
  using _shown = showProgress({ write: () => {} }, line => lines.push(line), now)
  await work()
  return lines
}

test('a list tells how much of it was taken', async () => {
  expect(await stepsOf(() => [...withProgress('checking', ['a', 'b', 'c'])])).toEqual([
    'checking: 1 of 3',
    'checking: 2 of 3',
  ])
})

test('a seed is told while it is checked and loaded, and a data folder while it is opened', async () => {
  const data = mkdtempSync(join(tmpdir(), 'insightly-scim-'))
  const users = ['ann', 'bob', 'cid'].map(name => ({ EMAIL_ADDRESS: name, FIRST_NAME: name, LAST_NAME: name }))
  const runAndStop = async () => void (await (await start({ data, seed: { users } })).close())
  expect(await stepsOf(runAndStop)).toEqual([
    'checking users: 1 of 3',
    'checking users: 2 of 3',
    'loading users: 0 of 3',
    'loading users: 1 of 3',
    'loading users: 2 of 3',
  ])
  copyFileSync(join(data, 'default.sqlite'), join(data, 'other.sqlite'))
  expect(await stepsOf(() => new Instances(data, { journal: 1, journalMemory: 1 }, 'key').close())).toEqual([
    'opening instances: 1 of 2',
  ])
  const sqlite = new Sqlite(join(data, 'default.sqlite'))
  sqlite.exec(`UPDATE instance SET document = json_set(document, '$.textForm', 'of an earlier version')`)
  sqlite.close()
  rmSync(join(data, 'other.sqlite'))
  // The users, and those that a reset brings back.
  const rewriting = 'writing users in the form of this version: 3 of 3'
  expect(await stepsOf(() => new Instances(data, { journal: 1, journalMemory: 1 }, 'key').close())).toEqual([
    rewriting,
    rewriting,
  ])
  rmSync(data, { recursive: true })
})

test('calibrate tells how many switches it has found out about, compare how many exchanges it has held', async () => {
  await using insightly = await start()
  const { scimUrl: url, scimToken: token } = insightly
  const options = { url, token, userName: 'a@example.com', userAgent: 'test', timeout: 30_000, longestWait: 0 }
  const switches = behaviourRows.length
  const found = (done: number) => `finding out about switches: ${done} of ${switches}`
  expect(await stepsOf(() => calibrate(options))).toEqual(
    Array.from({ length: switches - 1 }, (_, at) => found(at + 1)),
  )
  const requests = (await insightly.requests()).slice(0, 3)
  expect(await stepsOf(() => compare(readRecording({ requests }), {}))).toContain('sending requests again: 2 of 3')
})
