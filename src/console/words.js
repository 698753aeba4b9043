// How things are called on the page: operations, faults, licences, dates. Pure.

/** The operations of the journal: what they are called, their icon and their tone. @type {Record<string, { label: string, icon: string, tone: string }>} */
export const operations = {
  'test-connection': { label: 'Test connection', icon: 'plug', tone: 'quiet' },
  lookup: { label: 'Look-up', icon: 'search', tone: 'quiet' },
  import: { label: 'Import', icon: 'download', tone: 'quiet' },
  read: { label: 'Read', icon: 'eye', tone: 'quiet' },
  discover: { label: 'Discover', icon: 'compass', tone: 'quiet' },
  create: { label: 'Create', icon: 'plus', tone: 'good' },
  update: { label: 'Update', icon: 'pencil', tone: 'info' },
  rename: { label: 'Rename', icon: 'pencil', tone: 'info' },
  reactivate: { label: 'Reactivate', icon: 'power', tone: 'good' },
  deactivate: { label: 'Deactivate', icon: 'power', tone: 'warn' },
  delete: { label: 'Delete', icon: 'trash', tone: 'warn' },
  refused: { label: 'Refused', icon: 'stop', tone: 'bad' },
}

/** What each kind of fault does. @type {Record<string, string>} */
export const faultEffects = {
  status: 'Answer with an error',
  delayMs: 'Delay the answer',
  reset: 'Reset the connection before anything is done',
  commitThenReset: 'Keep the change, then reset the connection',
  hang: 'Never answer',
  html: 'Answer an HTML page, as a broken proxy does',
  malformed: 'Cut the JSON of the answer in the middle',
  emptyBody: 'Leave out the body of the answer',
  pageDrift: 'Repeat or skip a user on a list page',
}

/** What each product licence is for. @type {Record<string, string>} */
export const licenses = {
  CRM: 'leads, contacts, opportunities and projects',
  Marketing: 'campaigns and journeys',
  Service: 'tickets and knowledge',
  AppConnect: 'integrations with other applications',
}

/** @param {string} operation */
export const toOperation = operation => operations[operation] ?? { label: operation, icon: 'compass', tone: 'quiet' }

/** Who sent an exchange. @param {{ client: string | null }} entry */
export const toClient = ({ client }) => client ?? 'no user agent'

/** How long it took. @param {number} milliseconds */
export const toTook = milliseconds =>
  milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`

/** A value of a record, as a person reads it. @param {unknown} value */
export function toText(value) {
  if (value === null || value === undefined) return 'empty'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Whether a fault may still fire. @param {import('./api.js').Fault} fault */
export const isArmed = ({ when, fired = 0 }) => when?.times === undefined || fired < when.times

/** A user's name, or the address where there is none. @param {import('./api.js').User} user */
export const toName = user => [user.FIRST_NAME, user.LAST_NAME].filter(Boolean).join(' ') || user.EMAIL_ADDRESS

/** The time of day of an ISO date, UTC. @param {string} when */
export const toTime = when => when.slice(11, 19)

/** A date as Insightly tells it, without its seconds. @param {string} when */
export const toMinute = when => when.replace('T', ' ').slice(0, 16)

/** A count and its noun. @param {number} count @param {string} noun */
export const toCount = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

/** A word that a shell takes as it is; a token may have any character. @param {string} text */
export const toShellWord = text => `'${text.replaceAll("'", "'\\''")}'`

/** A body as one text. @param {unknown} answer */
export const toAnswerText = answer =>
  answer === null || answer === undefined ? '' : typeof answer === 'string' ? answer : JSON.stringify(answer)

/** Headers, or other names and values, a line each. @param {Record<string, string>} headers */
export const toHeaderLines = headers =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
