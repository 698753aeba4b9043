// Flags of any command: argv read against a table of rows, and how help shows the rows. What a value means is decided
// by the command.

import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from '../config.ts'
import { durationWords, parseDuration } from '../control/durations.ts'
import { StartError, toSuggestion } from '../errors.ts'
import { presets } from '../scim/behaviour.ts'

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
    const { values, positionals } = parseArgs({
      args: withNegatives(args, rows),
      options,
      allowPositionals,
      allowNegative: true,
    })
    return { values: values as Record<string, string | boolean | undefined>, positionals }
  } catch (error) {
    const [flag] = /'(--?[^' ]+)/.exec((error as Error).message)?.slice(1) ?? []
    if ((error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const word = flag!.replace(/^--?(no-)?/, '')
      const known = rows.map(each => each.flag)
      throw new UsageError(`${flag} is not known${toSuggestion(word, known, '--')}.`)
    }
    const row = rows.find(each => `--${each.flag}` === flag)
    if (!row) throw new UsageError(refusePositional(args, rows))
    throw new UsageError(
      row.argument
        ? `${flag} needs a value: ${flag} <${row.argument}>.`
        : `${flag} takes no value; use ${flag} or --no-${row.flag}.`,
    )
  }
}

/** Argv with each negative number tied to the flag before it, whose value it is: no flag begins with a digit. */
function withNegatives(args: readonly string[], rows: readonly FlagRow[]): string[] {
  const tied: string[] = []
  for (const arg of args) {
    const isValue = /^-\d/.test(arg) && rows.some(row => row.argument && tied.at(-1) === `--${row.flag}`)
    tied.push(isValue ? `${tied.pop()}=${arg}` : arg)
  }
  return tied
}

/** What is wrong with the first argument that is neither a flag nor the value of one. */
function refusePositional(args: string[], rows: readonly FlagRow[]): string {
  const find = (arg = '') => rows.find(({ flag }) => arg === `--${flag}`)
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && find(args[index - 1])?.argument === undefined)
  const before = find(args[at - 1])
  const word = JSON.stringify(args[at] ?? '')
  return before
    ? `${word} is too much: --${before.flag} takes no value; use --${before.flag} or --no-${before.flag}.`
    : `${word} is too much: only flags are accepted here; --help lists them.`
}

/** Checks --profile. @throws UsageError for what is neither a preset nor a file */
export function checkProfile(profile: string): void {
  if (!Object.hasOwn(presets, profile) && !existsSync(profile))
    throw new UsageError(
      `--profile is ${JSON.stringify(profile)}, which is not accepted; expected insightly, rfc7644 or a file.`,
    )
}

/**
 * Reads a duration, in milliseconds.
 * @throws UsageError for a text that is no duration, or a negative one
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
      return `  ${flag.padEnd(24)} ${wrap(row.meaning, 27)}\n${' '.repeat(27)}(${fallback})`
    })
    .join('\n')

/** Breaks a text that begins at a column of help into lines that a terminal shows whole, below each other. */
export const wrap = (text: string, column: number): string =>
  text.replace(new RegExp(`(.{1,${100 - column}})( |$)`, 'g'), (_, line: string, end: string) =>
    end === '' ? line : `${line}\n${' '.repeat(column)}`,
  )
