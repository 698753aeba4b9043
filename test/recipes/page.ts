// A page of the documentation as its reader uses it: blocks with a file's name are written, shell blocks are run.

import { readFileSync } from 'node:fs'
import { inject } from 'vitest'
import type { Project } from '../package/project.ts'

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

/** Writes the named blocks of a page into a project. */
export function writeFiles(project: Project, page: string): void {
  for (const { file, text } of readBlocks(page)) if (file !== undefined) project.write(file, text)
}

/**
 * Follows a page in an empty project: writes its files and runs its shell blocks, in which the package is the packed one.
 * @throws Error with what was printed when a command fails
 */
export async function followPage(project: Project, page: string): Promise<void> {
  writeFiles(project, page)
  const commands = readBlocks(page).filter(({ language }) => language === 'sh')
  for (const { text } of commands) {
    const script = text.replace(/^(npm install .*)\binsightly-scim$/m, `$1${inject('tarball')}`)
    const { status, output } = await project.run('bash', ['-euo', 'pipefail', '-c', script])
    if (status !== 0) throw new Error(`${page}: ${text}\n${output}`)
  }
}
