// The command `calibrate`: its flags, what it prints, and how it is stopped.

import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { foreignSecretForm, UsageError } from '../../config.ts'
import { StartError } from '../../errors.ts'
import { start, version } from '../../index.ts'
import type { Behaviours } from '../../scim/behaviour.ts'
import { findOpenness, parseScimUrl, stopOnSignal, toHide } from '../endpoint.ts'
import { checkWritable, type FlagRow, parseFlags, readDuration } from '../flags.ts'
import { showProgress } from '../progress.ts'
import { type CalibrateOptions, calibrate, NoEndpoint } from './calibrate.ts'
import { Interrupted } from './conversation.ts'
import { Undeterminable } from './reading.ts'
import { toDocument, toPlan, toReport } from './report.ts'
import { ourShapes, type Shapes } from './shapes.ts'

/** The flags in the order of help. */
export const calibrateFlags: readonly FlagRow[] = [
  {
    flag: 'url',
    argument: 'scim url',
    environment: 'INSIGHTLY_TENANT_URL',
    defaultText: 'none',
    meaning: 'the SCIM URL, as Insightly shows it to an administrator',
  },
  {
    flag: 'token',
    argument: 'token',
    environment: 'INSIGHTLY_TENANT_TOKEN',
    defaultText: 'none',
    meaning: 'the SCIM token; better in the environment, where other users of the machine do not see it',
  },
  { flag: 'yes', meaning: 'do it; without it, calibrate only explains' },
  {
    flag: 'user-name',
    argument: 'address',
    defaultText: 'scim-calibration-<date>@example.com',
    meaning: 'the userName of the user to create: an e-mail address that belongs to nobody',
  },
  { flag: 'out', argument: 'file', defaultText: 'none', meaning: 'write a profile that --profile loads' },
  { flag: 'json', meaning: 'print the profile instead of the table' },
  {
    flag: 'ask-to-disable',
    meaning: 'at the end, ask you to switch SCIM off for a moment, which shows the switch disabledScim',
  },
  {
    flag: 'timeout',
    argument: 'time',
    default: '30s',
    meaning: 'how long to wait for one answer: 500ms, 2s, 5m, PT1H',
  },
  {
    flag: 'longest-wait',
    argument: 'time',
    default: '5m',
    meaning: 'how long a 429 may ask to wait before it gives up',
  },
]

/**
 * Runs the command; `print` takes what is for stdout, `tell` what is for stderr, and `input` is where Enter is pressed.
 * @throws UsageError, StartError
 */
export async function runCalibrate(
  args: string[],
  print: (text: string) => void = text => void process.stdout.write(text),
  tell: (text: string) => void = text => void process.stderr.write(text),
  input: Readable = process.stdin,
): Promise<void> {
  const { values } = parseFlags(args, calibrateFlags)
  const text = (flag: string): string | undefined => {
    const row = calibrateFlags.find(each => each.flag === flag)!
    return (values[flag] as string | undefined) || (row.environment && process.env[row.environment]) || undefined
  }
  const given = text('url')
  const url = given === undefined ? undefined : parseScimUrl(given)
  const userName = parseUserName(text('user-name'))
  const [timeout, longestWait] = ['timeout', 'longest-wait'].map(flag => readTime(flag, text(flag)))
  if (values.yes !== true) {
    print(toPlan(url?.host ?? 'the endpoint', userName))
    return
  }
  if (!url) throw new UsageError('--url is missing; expected the SCIM URL, or INSIGHTLY_TENANT_URL set to it.')
  const token = text('token')
  if (token === undefined || !foreignSecretForm.test(token))
    throw new UsageError(
      '--token is missing or no token; expected the SCIM token, or INSIGHTLY_TENANT_TOKEN set to it.',
    )
  const openness = findOpenness(url)
  if (openness) tell(`insightly-scim: ${openness}\n`)

  const out = text('out')
  if (out !== undefined) checkWritable('out', out)

  const hide = toHide(token)
  using progress = showProgress()
  const say = (line: string): void => {
    progress.clear()
    tell(hide(`${line}\n`))
  }
  const { signal, end } = stopOnSignal(when =>
    say(
      when === 'first'
        ? 'Stopping; the user is being deactivated (once more to leave at once).'
        : `Left as it is: ${userName} may be there and ACTIVE; deactivate it by hand.`,
    ),
  )
  try {
    const calibration = await calibrate({
      url: url.href,
      token,
      userName,
      userAgent: `insightly-scim/${version} calibrate`,
      timeout: timeout!,
      longestWait: longestWait!,
      signal,
      onWait: seconds => say(`The endpoint asks for patience: waiting ${seconds} s.`),
      whenDisabled: values['ask-to-disable'] === true ? () => askToDisable(say, input, signal) : undefined,
    })
    // What follows is a conversation with this server itself, for which nobody waits.
    progress[Symbol.dispose]()
    const document = toDocument(calibration, {
      by: `insightly-scim ${version}`,
      date: new Date().toISOString(),
      host: url.host,
      ours: await shapesOfOurs(calibration.behaviours),
    })
    const json = hide(`${JSON.stringify(document, null, 2)}\n`)
    print(values.json === true ? json : hide(toReport(document)))
    if (calibration.interrupted !== undefined) process.exitCode = 1
    else if (out !== undefined) {
      writeFileSync(out, json)
      say(`Written: ${out}; use it with --profile ${out}`)
    }
  } catch (error) {
    throw error instanceof NoEndpoint ? new StartError(hide(error.message)) : error
  } finally {
    end()
  }
}

/** The shapes of this server when it behaves as was found: what calibrating it shows. */
async function shapesOfOurs(behaviours: Partial<Behaviours>): Promise<Shapes> {
  await using insightly = await start({ profile: behaviours })
  const options: CalibrateOptions = {
    url: insightly.scimUrl,
    token: insightly.scimToken,
    userName: 'calibration@example.com',
    userAgent: 'calibrate',
    timeout: 30_000,
    longestWait: 0,
  }
  return ourShapes((await calibrate(options)).exchanges)
}

function askToDisable(say: (line: string) => void, input: Readable, signal: AbortSignal): Promise<void> {
  say(
    'Now switch SCIM off (System Settings, Security, SAML and SCIM; Save), then press Enter. Switch it on afterwards.',
  )
  const lines = createInterface({ input })
  return new Promise<void>((resolve, reject) => {
    lines.once('line', () => resolve())
    lines.once('close', () => reject(new Undeterminable('nobody confirmed that SCIM was switched off')))
    signal.addEventListener('abort', () => reject(new Interrupted('it was stopped')), { once: true })
  }).finally(() => lines.close())
}

function parseUserName(text: string | undefined): string {
  if (text === undefined)
    return `scim-calibration-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}@example.com`
  if (/^[\x21-\x3f\x41-\x7e]{1,60}@[\x21-\x3f\x41-\x7e]{1,150}$/.test(text)) return text
  throw new UsageError(`--user-name is ${JSON.stringify(text)}, which is not accepted; expected an e-mail address.`)
}

function readTime(flag: string, text: string | undefined): number {
  const milliseconds = readDuration(flag, text ?? String(calibrateFlags.find(row => row.flag === flag)!.default))
  if (milliseconds > 0 && milliseconds <= 86_400_000) return milliseconds
  throw new UsageError(
    `--${flag} is ${JSON.stringify(text)}, which is not accepted; expected more than nothing and at most a day.`,
  )
}
