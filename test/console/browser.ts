// A real browser on the console of a running server, and a morning's provisioning for it to show.

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { Insightly } from '../../src/index.ts'
import type { TestInstance } from '../support.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Starts Debian's Chromium, kept from calling anywhere by itself. */
export const launch = (...args: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  })

/** A page, and what it complained of. */
export interface Watched {
  page: Page
  /** Console errors, warnings and uncaught exceptions. */
  complaints: string[]
  /** Origins of all requests. */
  origins: Set<string>
}

/** Opens a page in a context of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const origins = new Set<string>()
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', error => void complaints.push(String(error)))
  page.on('request', request => void origins.add(new URL(request.url()).origin))
  return { page, complaints, origins }
}

/** The console's address with the admin key, as the ready message has it. */
export const toConsoleUrl = ({ url, adminKey }: Insightly): string => `${url}/#key=${encodeURIComponent(adminKey)}`

const okta = { 'user-agent': 'Okta SCIM Client 1.0.0' }
const entra = { 'user-agent': 'Microsoft-AzureAD-Provisioning' }
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** What an Okta and an Entra ID tenant do on a working day, refusals and a fault included; `tick` comes before each user. */
export async function provision(instance: TestInstance, tick: () => unknown = () => {}): Promise<void> {
  const patch = async (id: string, operations: unknown[], headers = okta) => {
    await tick()
    return instance.scim('PATCH', `/Users/${id}`, { schemas: [patchOp], Operations: operations }, headers)
  }
  const lookUp = (userName: string, headers: Record<string, string>) =>
    instance.scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`, undefined, headers)
  const create = async (givenName: string, familyName: string, headers: Record<string, string>): Promise<string> => {
    await tick()
    const userName = `${givenName}.${familyName}@example.com`.toLowerCase()
    await lookUp(userName, headers)
    const emails = [{ value: userName, primary: true }]
    const user = { userName, name: { givenName, familyName }, emails, active: true }
    const type = { ...headers, 'content-type': 'application/scim+json' }
    return (await instance.scim('POST', '/Users', user, type)).body.id
  }
  await instance.scim('GET', '/Users?startIndex=1&count=2', undefined, okta)
  await instance.scim('GET', '/Schemas', undefined, entra)
  const ann = await create('Ann', 'Lee', okta)
  const bruno = await create('Bruno', 'Keller', okta)
  await create('Chidi', 'Okafor', okta)
  const dana = await create('Dana', 'Levi', entra)
  await create('Elif', 'Yılmaz', entra)
  await patch(ann, [{ op: 'replace', path: 'name.familyName', value: 'Lee-Baker' }])
  await patch(bruno, [{ op: 'replace', value: { active: false } }])
  await patch(dana, [{ op: 'Replace', path: 'userName', value: 'dana.cohen@example.com' }], entra)
  const again = { userName: 'ANN.LEE@example.com', name: { givenName: 'Ann', familyName: 'Lee' } }
  await instance.scim('POST', '/Users', again, entra)
  await instance.control('PUT', '/faults', [
    { match: { operation: 'lookup' }, when: { times: 1 }, do: { status: 503 } },
  ])
  await lookUp('farah.haddad@example.com', okta)
  await create('Farah', 'Haddad', okta)
  await patch(bruno, [{ op: 'replace', value: { active: true } }])
  await patch(ann, [{ op: 'add', path: 'title', value: 'Head of Sales' }])
  await instance.control('PATCH', `/users/${ann}`, { LICENSES: ['CRM', 'Marketing'], ADMINISTRATOR: true })
  await instance.control('PATCH', `/users/${dana}`, { LICENSES: ['CRM', 'Service'] })
}
