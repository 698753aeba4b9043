// Flags of any command: argv read against a table of rows, and how help shows the rows. What a value means is decided
// by the command.

import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from '../config.ts'
import { durationWords, parseDuration } from '../control/durations.ts'
import { StartError, toSuggestion } from '../errors.ts'

/** A flag as argv and help know it. */
export interface FlagRow {
  /** Without the dashes. */
  flag: string
  environment?: string | undefined
  default?: unknown
  /** What help shows instead of the default. */
  defaultText?: string
  /** How help names the value; flags without one are on or off. */
  argument?: string
  meaning: string
}

/**
 * Reads argv: values by flag, and what is no flag.
 * @throws UsageError for an unknown flag, or one with a value too many or too few
 */
export function parseFlags(args: string[], rows: readonly FlagRow[], allowPositionals = false) {
  const options = Object.fromEntries(
    rows.map(({ flag, argument }) => [
      flag,
      { type: argument === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals, allowNegative: true })
    return { values: values as Record<string, string | boolean | undefined>, positionals }
  } catch (error) {
    const [flag] = /'(--?[^' ]+)/.exec((error as Error).message)?.slice(1) ?? []
    if ((error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const word = flag!.replace(/^--?(no-)?/, '')
      const known = rows.map(each => each.flag)
      throw new UsageError(`${flag} is not known${toSuggestion(word, known, '--')}.`)
    }
    const row = rows.find(each => `--${each.flag}` === flag)
    if (row)
      throw new UsageError(
        row.argument
          ? `${flag} needs a value: ${flag} <${row.argument}>.`
          : `${flag} takes no value; use ${flag} or --no-${row.flag}.`,
      )
    throw new UsageError((error as Error).message.split('\n')[0]!.replace(/\.? To specify.*$/, '.'))
  }
}

/**
 * Reads a duration, in milliseconds.
 * @throws UsageError for what is none, or less than nothing
 */
export function readDuration(flag: string, text: string): number {
  const milliseconds = parseDuration(text)
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds
  throw new UsageError(`--${flag} is ${JSON.stringify(text)}, which is not accepted; expected ${durationWords}.`)
}

/**
 * Checks that a file can be written: better before everything is done than after it.
 * @throws StartError
 */
export function checkWritable(flag: string, file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK)
    const found = statSync(file, { throwIfNoEntry: false })
    if (found?.isDirectory()) throw new Error('it is a folder')
    if (found) accessSync(file, constants.W_OK)
  } catch (error) {
    throw new StartError(`--${flag} ${file} cannot be written (${(error as Error).message}).`)
  }
}

const toDefault = (value: unknown): string =>
  typeof value === 'boolean' || value === undefined ? (value ? 'on' : 'off') : String(value)

/** The lines of help on flags. */
export const toFlagLines = (rows: readonly FlagRow[]): string =>
  rows
    .map(row => {
      const flag = `--${row.flag}${row.argument ? ` <${row.argument}>` : ''}`
      const fallback = `default: ${row.defaultText ?? toDefault(row.default)}${row.environment ? `; ${row.environment}` : ''}`
      return `  ${flag.padEnd(24)} ${row.meaning}\n${' '.repeat(27)}(${fallback})`
    })
    .join('\n')
