// The commands `backup` and `restore`: their flags, and what they say when they are done.

import { backUp } from '../account/files/backup.ts'
import { restore } from '../account/files/restore.ts'
import { readConfig, settings, UsageError } from '../config.ts'
import { type FlagRow, parseFlags } from './flags.ts'
import { showProgress } from './progress.ts'

const heeded = settings
  .filter(({ key }) => key === 'data')
  .map(row => ({ ...row, defaultText: 'none', meaning: "the server's data folder" }))

/** The flags of `backup` in the order of help. */
export const backupFlags: readonly FlagRow[] = [
  ...heeded,
  { flag: 'overwrite', meaning: 'replace a backup that the folder holds' },
]

/** The flags of `restore` in the order of help. */
export const restoreFlags: readonly FlagRow[] = [
  ...heeded,
  { flag: 'overwrite', meaning: 'replace all instances that the data folder holds' },
]

/** The data folder, the folder that stands beside the flags, and whether something may be overwritten. */
function read(command: string, args: string[], rows: readonly FlagRow[]) {
  const { values, positionals } = parseFlags(args, rows, true)
  const [backup, ...more] = positionals
  if (backup === undefined || more.length > 0)
    throw new UsageError(`${command} needs one folder, as in: ${command} ./backups/monday --data ./data.`)
  const { data } = readConfig({ data: values.data }, process.env, heeded)
  if (data === undefined)
    throw new UsageError(`${command} needs the data folder: --data <folder>, or INSIGHTLY_SCIM_DATA.`)
  return { backup, data, overwrite: values.overwrite === true }
}

const count = (instances: number): string => `${instances} instance${instances === 1 ? '' : 's'}`

/** Runs `backup`. @throws UsageError, StartError */
export async function runBackup(args: string[]): Promise<void> {
  const { backup, data, overwrite } = read('backup', args, backupFlags)
  using _shown = showProgress()
  const { instances, bytes } = await backUp(data, backup, overwrite)
  process.stdout.write(`${count(instances)} of ${data} copied to ${backup}: ${(bytes / 1e6).toFixed(1)} MB.\n`)
}

/** Runs `restore`. @throws UsageError, StartError */
export async function runRestore(args: string[]): Promise<void> {
  const { backup, data, overwrite } = read('restore', args, restoreFlags)
  using _shown = showProgress()
  const { instances } = await restore(backup, data, overwrite)
  process.stdout.write(`${count(instances)} of ${backup} put back in ${data}.\n`)
}
