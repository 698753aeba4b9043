// What is installed with the server, and by whose leave.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  version?: string
  license?: string
  dev?: boolean
  integrity?: string
  link?: boolean
  hasInstallScript?: boolean
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const packageJson = JSON.parse(read('package.json'))
const readLock = (path: string): [string, Locked][] =>
  Object.entries(JSON.parse(read(path)).packages as Record<string, Locked>)
    .filter(([name]) => name !== '')
    .map(([name, each]) => [name.replace(/^.*node_modules\//, ''), each])
const locked = readLock('package-lock.json')

test('every direct dependency has an exact version', () => {
  const direct = Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies })
  expect(direct.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([])
})

test('every installed package is held to its content', () => {
  expect(locked.filter(([, { integrity, link }]) => !integrity && !link).map(([name]) => name)).toEqual([])
})

test('the Nodes of the executables are of one release, each held to its content', () => {
  const nodes = readLock('scripts/executable/package-lock.json')
  expect(new Set(nodes.map(([, { version }]) => version)).size).toBe(1)
  expect(nodes.filter(([, { integrity }]) => !integrity)).toEqual([])
})

test('install scripts run where package.json allows it, which names nothing without one; none is in what users install', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript)
  const allowed = Object.keys(packageJson.allowScripts).filter(name => packageJson.allowScripts[name])
  expect(allowed.sort()).toEqual([...new Set(scripted.map(([name]) => name))].sort())
  expect(scripted.filter(([, { dev }]) => !dev).map(([name]) => name)).toEqual([])
})

test('every dependency is justified in a decision', () => {
  const decisions = readdirSync(new URL('../../docs/decisions', import.meta.url)).map(name =>
    read(`docs/decisions/${name}`),
  )
  const unjustified = Object.keys(packageJson.dependencies).filter(
    name => !decisions.some(text => text.includes(`| ${name} |`)),
  )
  expect(unjustified).toEqual([])
})

test('what users install is under licences that ask for no more than their notice', () => {
  const known = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0)$/
  const others = locked.filter(([, { dev, license }]) => !dev && !known.test(license ?? ''))
  expect(others.map(([name, { license }]) => [name, license])).toEqual([])
})
