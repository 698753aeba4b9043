// The packages for other languages against the one list of promises, as clients/run.ts judges their reports.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findUnkept, type Promised, readReport } from '../../clients/report.ts'

const promises = JSON.parse(readFileSync('clients/promises.json', 'utf8')) as Promised[]

test('the promises have ids without a gap', () => {
  expect(promises.map(({ id }) => id)).toEqual(promises.map((_, index) => `K-${String(index + 1).padStart(2, '0')}`))
})

const report = `<testsuites><testsuite tests="5">
  <testcase classname="test_users" name="test_k01_tells_urls &gt; twice" time="0.1"/>
  <testcase name="K-02 reads users"><failure message="no">K-03</failure></testcase>
  <testcase name="TestUsers/K_04_waits" time="0"><skipped/></testcase>
  <testcase name="k05_k06()"><system-out><![CDATA[<failure> is only printed]]></system-out></testcase>
  <testcase name="k071 is no id"></testcase>
</testsuite></testsuites>`

test('a report tells which tests passed, failed and were skipped', () => {
  expect(readReport(report).map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'skipped', 'passed', 'passed'])
})

test('a promise is kept by a test that passed and has its id in the name', () => {
  const unkept = findUnkept(promises, readReport(report)).map(({ id }) => id)
  expect(unkept.slice(0, 4)).toEqual(['K-02', 'K-03', 'K-04', 'K-07'])
  expect(unkept).toHaveLength(promises.length - 3)
})
