// Packs the package once for all tests that use it as a stranger would.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed package. */
    tarball: string
    /** The paths in it. */
    packedFiles: string[]
  }
}

/** Vitest's global setup: `npm pack`, which builds first. */
export default function pack(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-pack-'))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string; files: { path: string }[] }]
  project.provide('tarball', join(folder, packed.filename))
  project.provide(
    'packedFiles',
    packed.files.map(({ path }) => path),
  )
  return () => rmSync(folder, { recursive: true })
}
