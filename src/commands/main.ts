// The command line: argv and environment become a configuration, a command and an exit status. Each command is loaded
// when it is asked for.

import { flushCompileCache } from 'node:module'
import type { Insightly } from '../client/insightly.ts'
import { findUnknownVariables, type HeededRow, readConfig, settings, toldVariables, UsageError } from '../config.ts'
import { ApiError, StartError, toApiError, toSuggestion } from '../errors.ts'
import { type StartOptions, start, version } from '../index.ts'
import { type Log, toLog } from '../log.ts'
import { checkProfile, type FlagRow, parseFlags, toFlagLines, wrap } from './flags.ts'
import { showProgress } from './progress.ts'
import { nameSources } from './stack.ts'
import { boundYoungGeneration } from './young-generation.ts'

interface Command {
  summary: string
  usage: string
  /** Its flags. */
  flags(): Promise<readonly FlagRow[]>
  /** What else its help says. */
  more?: string
  run(args: string[]): Promise<void>
}

const commands: Record<string, Command> = {
  serve: { summary: 'run the server (the default)', usage: '[flags]', flags: async () => settings, run: serve },
  exec: {
    summary: 'run a command beside a server of its own, in memory and on a free port unless flags say otherwise',
    usage: '[flags] -- <command> [arguments]',
    flags: async () => (await import('./exec.ts')).execSettings,
    more: `The command stands behind --, as in: insightly-scim exec -- npm test
Its environment says where the server is: ${Object.keys(toldVariables).join(', ')}.
Its exit status becomes that of exec. Signals go to the command; only SIGKILL, which nobody hears, leaves it without its server.`,
    run: exec,
  },
  backup: {
    summary: 'copy a data folder, also while a server works on it',
    usage: '<folder> [--data <folder>] [--overwrite]',
    flags: async () => (await import('./backup.ts')).backupFlags,
    run: async args => (await import('./backup.ts')).runBackup(args),
  },
  restore: {
    summary: 'put back what backup has copied, as a data folder that no server is using',
    usage: '<backup folder> [--data <folder>] [--overwrite]',
    flags: async () => (await import('./backup.ts')).restoreFlags,
    run: async args => (await import('./backup.ts')).runRestore(args),
  },
  calibrate: {
    summary: 'learn by a short conversation how a SCIM endpoint, above all your Insightly, behaves',
    usage: '--url <scim url> [--yes] [--out profile.json]',
    flags: async () => (await import('./calibrate/command.ts')).calibrateFlags,
    run: async args => (await import('./calibrate/command.ts')).runCalibrate(args),
  },
  compare: {
    summary: 'repeat a recorded conversation here and list what differs',
    usage: '(--har <file> | --journal <file>) [--profile <name>] [--seed <file>]',
    flags: async () => (await import('./compare/command.ts')).compareFlags,
    run: async args => (await import('./compare/command.ts')).runCompare(args),
  },
  rehearse: {
    summary:
      'play what an identity provider does, step by step, and say what works; without a client, list the clients',
    usage: '[client …] [--url <scim url>] [--only <scenario>] [--json] [--junit <file>]',
    flags: async () => (await import('./rehearse/command.ts')).rehearseFlags,
    run: async args => (await import('./rehearse/command.ts')).runRehearse(args),
  },
  demo: {
    summary:
      'start a server with the users of a small company, which two providers call slowly; watch it in the console',
    usage: '[--port <port>] [--pace <time>]',
    flags: async () => (await import('./demo/command.ts')).demoFlags,
    run: async args => (await import('./demo/command.ts')).runDemo(args),
  },
  healthcheck: {
    summary: 'exit 0 when a server is ready; it accepts all flags of that server',
    usage: '[flags]',
    flags: async () => (await import('./healthcheck.ts')).healthcheckFlags,
    run: async args => (await import('./healthcheck.ts')).runHealthcheck(args),
  },
}

/** Reads the flags of a server; anything else in `args` is a UsageError. */
function readFlags(args: string[], rows: readonly HeededRow[]) {
  const { values } = parseFlags(args, rows)
  const { format, exitWithStdin, ...config } = readConfig(values, process.env, rows)
  const { profile } = config
  checkProfile(profile)
  const isProfileGiven = values.profile !== undefined || Boolean(process.env.INSIGHTLY_SCIM_PROFILE)
  return { format, exitWithStdin, options: { ...config, profile: isProfileGiven ? profile : undefined } }
}

/** Warns of variables that look like a setting but are not. */
function warnOfVariables(log: Log): void {
  const unknown = findUnknownVariables(process.env)
  if (unknown !== undefined) log.warn(unknown)
}

async function serve(args: string[]): Promise<void> {
  const { format, exitWithStdin, options } = readFlags(args, settings)
  const log = toLog(options.logLevel)
  warnOfVariables(log)
  const sendSpans = await trace(log)
  const letYoungGrow = boundYoungGeneration()
  const server = await startShown(options, log)
  letYoungGrow()
  const stop = async (): Promise<void> => {
    await server.close()
    await sendSpans()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())
  if (exitWithStdin) for (const end of ['end', 'error'] as const) process.stdin.once(end, () => void stop()).resume()
  const text = (format ?? (process.stdout.isTTY ? 'text' : 'json')) === 'text'
  const ready = toReady(server, version, options.controlApi)
  process.stdout.write(text ? toBanner(ready) : `${JSON.stringify(ready)}\n`)
  // Node would keep what it compiled at the end, which a server that is killed does not reach.
  setTimeout(flushCompileCache, 1000).unref()
}

/** Starts a server and shows how far it is, when that takes long and the log may tell it. */
async function startShown(options: StartOptions, log: Log): Promise<Insightly> {
  if (!log.heeds(200)) return await start(options)
  using _shown = showProgress(process.stderr, line => log.info(line))
  return await start(options)
}

/** Begins to trace, if the environment asks for it. @returns what sends the last spans */
async function trace(log: Log): Promise<() => Promise<void>> {
  // No start without traces loads anything for them.
  if (!Object.keys(process.env).some(name => name.startsWith('OTEL_EXPORTER_'))) return async () => {}
  const { asksForTraces, startTracing } = await import('./tracing.ts')
  return asksForTraces(process.env) ? await startTracing(log) : async () => {}
}

const toReady = (server: Insightly, version: string, controlApi: boolean) => ({
  ready: true,
  version,
  pid: process.pid,
  url: server.url,
  scimUrl: server.scimUrl,
  scimToken: server.scimToken || null,
  apiUrl: server.apiUrl,
  apiKey: server.apiKey || null,
  controlUrl: controlApi ? server.controlUrl : null,
  adminKey: controlApi ? server.adminKey : null,
  consoleUrl: controlApi ? `${server.url}/#key=${encodeURIComponent(server.adminKey)}` : null,
})

const toBanner = (ready: ReturnType<typeof toReady>): string => `
  insightly-scim ${ready.version} is ready.

  SCIM URL    ${ready.scimUrl}
  SCIM token  ${ready.scimToken}
  Console     ${ready.consoleUrl ?? 'off (--no-control-api)'}

  Try it:
  curl -H 'Authorization: Bearer ${ready.scimToken}' ${ready.scimUrl}/Users

`

async function exec(args: string[]): Promise<void> {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const [command, ...rest] = args.slice(end + 1)
  const { exec, execSettings } = await import('./exec.ts')
  if (command === undefined) throw new UsageError('exec needs a command after --, as in: exec -- npm test.')
  const { options } = readFlags(args.slice(0, end), execSettings)
  warnOfVariables(toLog('warn'))
  const ended = await exec([command, ...rest], options)
  if ('signal' in ended) process.kill(process.pid, ended.signal)
  else process.exitCode = ended.status
}

async function toHelp(name?: string): Promise<string> {
  if (name !== undefined) {
    const { usage, summary, flags, more } = commands[name]!
    const lines = toFlagLines(await flags())
    return `Usage: insightly-scim ${name} ${usage}\n\n${wrap(summary, 0)}\n\n${lines}\n${more ? `\n${more}\n` : ''}`
  }
  const list = Object.entries(commands).map(([each, { summary }]) => `  ${each.padEnd(14)} ${wrap(summary, 17)}`)
  return `Usage: insightly-scim [command] [flags]\n\nCommands:\n${list.join('\n')}\n\nFlags:\n${toFlagLines(settings)}\n
<command> --help explains a command, --version tells the version.\n`
}

async function run(args: string[]): Promise<void> {
  const [first, ...others] = args
  if (first === 'help') return await run([...others, '--help'])
  const isNamed = first !== undefined && !first.startsWith('-')
  if (isNamed && !Object.hasOwn(commands, first))
    throw new UsageError(`${JSON.stringify(first)} is no command${toSuggestion(first, Object.keys(commands))}.`)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const own = args.slice(0, end)
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(await toHelp(isNamed ? first : undefined))
  } else if (own.includes('--version')) {
    process.stdout.write(`${version}\n`)
  } else {
    await commands[isNamed ? first : 'serve']!.run(isNamed ? args.slice(1) : args)
  }
}

/** Runs the command that the arguments name; what goes wrong is said in one line and by the exit status. */
export async function main(args: string[]): Promise<void> {
  // Every user of the machine can read a process's command line, and flags may hold secrets.
  process.title = 'insightly-scim'
  nameSources()
  // A reader that has seen enough closes the pipe, as `head` does. What was begun is still brought to its end.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  try {
    await run(args)
  } catch (error) {
    const isKnown = error instanceof UsageError || error instanceof StartError || error instanceof ApiError
    process.stderr.write(`insightly-scim: ${isKnown ? error.message : toApiError(error).message}\n`)
    if (!isKnown) process.stderr.write(`${(error as Error).stack}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
