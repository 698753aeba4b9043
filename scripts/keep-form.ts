// Keeps a data folder in the form that the newest migration gives it, as SQL, for tests of later versions: they must still
// open it. Run it once for each new migration ("node scripts/keep-form.ts"); a form that was kept is never made anew.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { start } from '../src/index.ts'

const newest = readdirSync('migrations')
  .filter(name => name.endsWith('.sql'))
  .sort()
  .at(-1)!
const target = join('test/account/forms', newest)
if (existsSync(target)) throw new Error(`${target} is kept already.`)

const folder = mkdtempSync(join(tmpdir(), 'insightly-scim-form-'))
await fill()
mkdirSync('test/account/forms', { recursive: true })
writeFileSync(target, toSql(join(folder, 'default.sqlite')))
rmSync(folder, { recursive: true })

/** An instance in which everything that a database keeps differs from a new one. */
async function fill(): Promise<void> {
  const users = [
    { EMAIL_ADDRESS: 'owner@example.com', FIRST_NAME: 'Olivia', LAST_NAME: 'Owner', ACCOUNT_OWNER: true },
    { EMAIL_ADDRESS: 'Ann@Example.com', FIRST_NAME: 'Ann', LAST_NAME: 'Lee', EXTERNAL_ID: 'ext-2' },
    { EMAIL_ADDRESS: 'zoë@example.com', FIRST_NAME: null, LAST_NAME: "O'Neil", DISPLAY_NAME: 'Zoë “Z”', ACTIVE: false },
  ]
  await (await start({ data: folder, scimToken: 'first-token', seed: { users } })).close()
  const server = await start({ data: folder, scimToken: 'second-token' })
  const headers = { authorization: 'Bearer second-token', 'content-type': 'application/scim+json' }
  const body = { userName: 'new@example.com', name: { givenName: 'New', familyName: 'User' }, externalId: 'ext-4' }
  await fetch(`${server.scimUrl}/Users`, { method: 'POST', headers, body: JSON.stringify(body) })
  await fetch(`${server.scimUrl}/Users/2`, { method: 'DELETE', headers })
  await server.editUser(4, { LICENSES: ['CRM', 'Service'] })
  await server.settings.change({ behaviours: { delete: 'remove' }, rateLimit: { requestsPerSecond: 50 } })
  await server.close()
}

/** The statements that make the database again, with its marks. */
function toSql(path: string): string {
  const sqlite = new Sqlite(path, { readonly: true })
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[]
  const schema = sqlite.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').pluck().all() as string[]
  const rows = tables.flatMap(table => {
    const columns = sqlite.pragma(`table_info(${table})`) as { name: string }[]
    const values = columns.map(({ name }) => `quote("${name}")`).join(` || ', ' || `)
    return sqlite.prepare(`SELECT 'INSERT INTO ${table} VALUES (' || ${values} || ')' FROM ${table}`).pluck().all()
  })
  const marks = ['application_id', 'user_version'].map(
    name => `PRAGMA ${name} = ${sqlite.pragma(name, { simple: true })}`,
  )
  sqlite.close()
  return `${[...marks, ...schema, ...rows].join(';\n')};\n`
}
