// Tools that are built from the Go module proxy, once for each version: they stay in the user's cache.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'insightly-scim-tools')

/** The folder of a tool such as `example.com/tool/cmd/tool@v1.2.3`, which is built unless it is there. */
export function buildTool(module: string): string {
  const [path = '', version = ''] = module.split('@')
  const name = basename(path)
  const folder = join(cache, `${name}-${version}`)
  if (!existsSync(join(folder, name)))
    execFileSync('go', ['install', module], {
      env: { ...process.env, GOBIN: folder },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
  return folder
}
