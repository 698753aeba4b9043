import { hash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Insightly } from '../../src/client/insightly.ts'
import { start } from '../../src/index.ts'
import { behaviourRows, presets } from '../../src/scim/behaviour.ts'
import { type Rule, rules } from '../../src/scim/rules.ts'
import { control, send } from '../support.ts'

// A server for each test, since it reads its files only once.
let server: Insightly
beforeEach(async () => {
  server = await start()
})
afterEach(() => server.close())
const get = (path: string, headers = {}) => send(`${server.url}${path}`, { headers })

describe('the console', () => {
  test('is a page at / whose every file is served beside it', async () => {
    const page = await get('/')
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
    const files = [...page.text.matchAll(/"(\.\/console\/[^"]+)"/g)].map(([, file]) => file!.slice(1))
    expect(files).toEqual(expect.arrayContaining(['/console/main.js', '/console/base.css', '/console/preact.js']))
    for (const file of files) expect(await get(file), file).toMatchObject({ status: 200 })
  })

  test('imports nothing that is not served', async () => {
    const seen = new Set<string>()
    const visit = async (file: string): Promise<void> => {
      if (seen.has(file)) return
      seen.add(file)
      const { status, text } = await get(`/console/${file}`)
      expect(status, file).toBe(200)
      for (const [, next] of text.matchAll(/from '\.\/([^']+)'/g)) await visit(next!)
    }
    await visit('main.js')
    expect(seen.size).toBeGreaterThan(10)
  })

  test('has the libraries that it imports, without the name of a source map that is not there', async () => {
    for (const [file, name] of [
      ['preact.js', 'createElement'],
      ['hooks.js', 'useState'],
      ['htm.js', 'export default'],
    ]) {
      const { text, headers } = await get(`/console/${file}`)
      expect(headers['content-type']).toBe('text/javascript; charset=utf-8')
      expect(text).toContain(name)
      expect(text).not.toMatch(/sourceMapping|\.map\b/)
    }
  })

  test('has an icon for each number of refusals, in which two characters are smaller than one', async () => {
    for (const [file, number, size] of [
      ['mark-1', '1', 15],
      ['mark-9', '9', 15],
      ['mark-9-and-more', '9+', 12],
    ]) {
      const { text, headers } = await get(`/console/${file}.svg`)
      expect(headers['content-type']).toBe('image/svg+xml')
      expect(text).toMatch(new RegExp(`font-size="${size}".*>${number!.toString().replace('+', '.')}</text></svg>`))
    }
    expect((await get('/console/mark-0.svg')).status).toBe(404)
  })

  test('runs nothing inline but the import map and the script that adds a slash, by their hashes', async () => {
    const { text, headers } = await get('/')
    const policy = headers['content-security-policy'] as string
    const inline = [...text.matchAll(/<script(?![^>]*src=)[^>]*>(.*?)<\/script>/gs)].map(([, code]) => code!)
    expect(inline).toHaveLength(2)
    const hashes = inline.map(code => `'sha256-${hash('sha256', code, 'base64')}'`)
    expect(policy).toContain(`script-src 'self' ${hashes.join(' ')};`)
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=/)
  })

  test('may be framed by nobody, sends no referrer and reaches no other host', async () => {
    for (const path of ['/', '/console/main.js', '/console/nothing.js']) {
      const { headers } = await get(path)
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      expect(headers['content-security-policy']).toMatch(/^default-src 'none';.*connect-src 'self';/)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    }
  })

  test('is sent once and then only confirmed', async () => {
    const { headers } = await get('/console/main.js')
    expect(await get('/console/main.js', { 'if-none-match': headers.etag })).toMatchObject({ status: 304, text: '' })
    expect(await get('/console/main.js', { 'if-none-match': '"older"' })).toMatchObject({ status: 200 })
  })

  test.each(['/console/../package.json', '/console/%2e%2e%2fpackage.json', '/console/__proto__', '/console/index.ts'])(
    'serves its files and nothing else: %s is 404',
    async path => {
      expect(await get(path)).toMatchObject({ status: 404 })
    },
  )

  test('is not served when the control API is off', async () => {
    await using server = await start({ controlApi: false })
    expect(await send(`${server.url}/`)).toMatchObject({ status: 404 })
    expect(await send(`${server.url}/console/main.js`)).toMatchObject({ status: 404 })
  })
})

test('GET /behaviours tells every switch with its values, their meaning and its evidence, and the presets', async () => {
  const { body } = await control(server, 'GET', '/behaviours')
  expect(body.behaviours).toHaveLength(behaviourRows.length)
  expect(body.behaviours[0]).toMatchObject({
    key: 'patchOperations',
    evidence: 'doc',
    sentence: expect.any(String),
    values: [{ value: 'replace-only', meaning: expect.any(String) }, { value: 'all' }],
  })
  expect(body.presets).toEqual(presets)
})

test('what accepts a request that a rule refused is a value of the switch that the rule names', () => {
  for (const { id, switch: key, accepts = [] } of rules as readonly Rule[]) {
    const values = behaviourRows.find(row => row.key === key)?.values.map(([value]) => value as string) ?? []
    expect(values, id).toEqual(expect.arrayContaining([...accepts]))
  }
})

test('GET /rules tells every rule with its evidence, source and switch, and the words of each mark', async () => {
  const { body } = await control(server, 'GET', '/rules')
  expect(body.rules).toHaveLength(rules.length)
  expect(body.rules).toContainEqual({
    id: 'U-14',
    sentence: 'PATCH knows only `replace`; one `add` or `remove` refuses the whole request.',
    evidence: 'doc',
    source: "Insightly's SCIM operation table",
    switch: 'patchOperations',
    accepts: ['all'],
  })
  expect(body.rules).toContainEqual(expect.objectContaining({ id: 'U-15', evidence: 'rfc', switch: null }))
  expect(body.evidence).toMatchObject({ doc: "Insightly's documentation" })
})
