// The command `compare`: its flags and what it prints.

import { parseState } from '../../account/state.ts'
import { UsageError } from '../../config.ts'
import { StartError } from '../../errors.ts'
import { readJsonFile } from '../../validation.ts'
import { checkProfile, type FlagRow, parseFlags } from '../flags.ts'
import { showProgress } from '../progress.ts'
import { type CompareOptions, type Comparison, compare } from './compare.ts'
import { type Recording, readRecording } from './recording.ts'

/** The flags in the order of help. */
export const compareFlags: readonly FlagRow[] = [
  { flag: 'har', argument: 'file', defaultText: 'none', meaning: 'a conversation with a SCIM endpoint, as HAR' },
  {
    flag: 'journal',
    argument: 'file',
    defaultText: 'none',
    meaning: 'the same as a journal: what GET /_emulator/instances/{name}/requests answers',
  },
  {
    flag: 'base',
    argument: 'scim url',
    defaultText: 'found in the recording',
    meaning: 'the SCIM URL of the recording',
  },
  {
    flag: 'profile',
    argument: 'name',
    default: 'insightly',
    meaning: 'the behaviour to compare with: insightly, rfc7644, or a file such as calibrate writes',
  },
  { flag: 'seed', argument: 'file', defaultText: 'none', meaning: 'a JSON state document to begin with' },
  { flag: 'json', meaning: 'print the differences as JSON' },
]

/**
 * Runs the command; the exit status is 1 when there are differences. `print` takes what is for stdout.
 * @throws UsageError, StartError
 */
export async function runCompare(
  args: string[],
  print: (text: string) => void = text => void process.stdout.write(text),
): Promise<void> {
  const { values } = parseFlags(args, compareFlags)
  const { har, journal, base, profile, seed } = values as Record<string, string | undefined>
  const file = har ?? journal
  if (file === undefined || (har !== undefined && journal !== undefined))
    throw new UsageError('compare needs a recording: either --har and a file, or --journal and a file.')
  if (profile !== undefined) checkProfile(profile)
  const recording = readAs(file, document => readRecording(document, base))
  const comparison = await compareShown(recording, {
    ...(profile !== undefined && { profile }),
    ...(seed !== undefined && { seed: readAs(seed, document => parseState(document)) }),
  })
  const skipped = Object.fromEntries(recording.skipped)
  print(
    values.json === true
      ? `${JSON.stringify({ base: recording.base, ...comparison, skipped }, null, 2)}\n`
      : toReport(comparison, recording),
  )
  if (comparison.differing.length > 0) process.exitCode = 1
}

/** Compares, and shows how far it is when that takes long. */
async function compareShown(recording: Recording, options: CompareOptions): Promise<Comparison> {
  using _shown = showProgress()
  return await compare(recording, options)
}

function readAs<T>(file: string, read: (document: unknown) => T): T {
  let document: unknown
  try {
    document = readJsonFile(file)
  } catch (error) {
    throw new StartError(`${file} is not usable: ${(error as Error).message}`)
  }
  try {
    return read(document)
  } catch (error) {
    throw new StartError(`${file} ${(error as Error).message}`)
  }
}

function toReport({ compared, differing, seeded }: Comparison, { base, skipped }: Recording): string {
  const lines = [
    `${compared} ${compared === 1 ? 'exchange' : 'exchanges'} recorded at ${base}, sent once more to a fresh instance here.`,
  ]
  for (const [reason, count] of skipped) lines.push(`Left out, ${reason}: ${count}.`)
  if (seeded.length > 0)
    lines.push(`Seeded, since the recording meets them and does not create them: ${seeded.join(', ')}.`)
  for (const { number, request, differences } of differing) {
    lines.push('', `#${number}  ${request}`)
    for (const { what, there, here } of differences) lines.push(`    ${what}: ${there} there, ${here} here`)
  }
  lines.push(
    '',
    differing.length === 0 ? 'No differences.' : `${differing.length} of ${compared} exchanges differ.`,
    '',
  )
  return lines.map(line => line.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')).join('\n')
}
