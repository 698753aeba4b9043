// The changes that are tried: a sample of all those that the mutation tester knows, drawn by a seed, so many a module.

import { globSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Location } from '@stryker-mutator/api/core'
import type { Logger } from '@stryker-mutator/api/logging'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { Random } from '../reliability/random.ts'
import type { Module } from './modules.ts'

/** A change of the source, as the mutation tester describes it. */
export interface Change {
  fileName: string
  location: Location
  mutatorName: string
  replacement?: string | undefined
}

/** Most texts are words for people; that one of them is gone says nothing about what the program does. */
export const leftOut = ['StringLiteral']

/** Tells a change from all others. */
export const toKey = ({ fileName, location: { start, end }, mutatorName, replacement }: Change): string =>
  JSON.stringify([relative('.', fileName), start.line, start.column, end.line, end.column, mutatorName, replacement])

export const filesOf = ({ files }: Module): string[] =>
  files
    .flatMap(each => globSync(each))
    .map(each => resolve(each))
    .sort()

const silent = { info() {}, debug() {}, warn() {}, isDebugEnabled: () => false } as unknown as Logger

/** Draws some of the changes that can be made to a module. */
export async function drawSample(module: Module, size: number, seed: number): Promise<Change[]> {
  const files = filesOf(module).map(name => ({ name, mutate: true, content: readFileSync(name, 'utf8') }))
  const options = { plugins: null, excludedMutations: leftOut, ignorers: [] }
  const { mutants } = await new Instrumenter(silent).instrument(files, options)
  const known = mutants.filter(each => each.status === undefined)
  const random = new Random(seed)
  return Array.from({ length: Math.min(size, known.length) }, () => known.splice(random.below(known.length), 1)[0]!)
}
