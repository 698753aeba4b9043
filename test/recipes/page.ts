// A page of the documentation as its reader uses it: blocks with a file's name are written, shell blocks are run.

import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { inject } from 'vitest'
import { Project } from '../package/project.ts'

/** A fenced block: ```language file-name */
export interface Block {
  language: string
  file: string | undefined
  text: string
}

/** The blocks of a page, in their order. */
export function readBlocks(page: string): Block[] {
  const text = readFileSync(page, 'utf8')
  return Array.from(text.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms), ([, language, file, body]) => ({
    language: language!,
    file,
    text: body!,
  }))
}

/** The blocks that are pasted into a shell, and not the scripts that are saved first. */
export function readCommands(page: string): string[] {
  return readBlocks(page).flatMap(({ language, file, text }) => (language === 'sh' && !file ? text : []))
}

/** Writes the named blocks of a page into a project. */
export function writeFiles(project: Project, page: string): void {
  for (const { file, text } of readBlocks(page)) if (file !== undefined) project.write(file, text)
}

/** A folder in which nothing is but the packed package, the file that the pages ask for. */
export function makeFolder(first?: string): Project {
  const project = new Project(first)
  const tarball = inject('tarball')
  copyFileSync(tarball, join(project.folder, basename(tarball)))
  return project
}

/** Copies a folder of this repository into a project, as the pages ask a reader to do who has a clone. */
export function copyFolder(project: Project, folder: string): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', folder], {
    encoding: 'utf8',
  })
  for (const file of files.trim().split('\n')) project.write(file, readFileSync(file, 'utf8'))
}

/**
 * Follows a page in a project: writes its files and runs its shell blocks, both as they stand.
 * @throws Error with what was printed when a command fails
 */
export async function followPage(project: Project, page: string): Promise<void> {
  writeFiles(project, page)
  for (const command of readCommands(page)) await runCommands(project, command)
}

/** Runs commands in a project, each of which must succeed. @throws Error with what was printed */
export async function runCommands(project: Project, commands: string, extra?: NodeJS.ProcessEnv): Promise<void> {
  const { status, output } = await project.run('bash', ['-euo', 'pipefail', '-c', commands], extra)
  if (status !== 0) throw new Error(`${commands}\n${output}`)
}
