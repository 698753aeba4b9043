// The command line: argv and environment become a configuration, a command and an exit status. Each command is loaded
// when it is asked for.

import { existsSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import type { Insightly } from '../client/insightly.ts'
import { type Config, readConfig, settings, UsageError } from '../config.ts'
import { ApiError, StartError, toApiError } from '../errors.ts'
import { start, version } from '../index.ts'
import { presets } from '../scim/behaviour.ts'
import { type FlagRow, parseFlags, toFlagLines } from './flags.ts'
import { nameSources } from './stack.ts'

interface Command {
  summary: string
  usage: string
  /** Its own, where they are not those of the server. */
  flags?(): Promise<readonly FlagRow[]>
  run(args: string[]): Promise<void>
}

const commands: Record<string, Command> = {
  serve: { summary: 'run the server (the default)', usage: '[flags]', run: serve },
  exec: {
    summary: 'run a command beside a server of its own, in memory and on a free port unless flags say otherwise',
    usage: '[flags] -- <command> [arguments]',
    run: exec,
  },
  calibrate: {
    summary: 'learn by a short conversation how a SCIM endpoint, above all your Insightly, behaves',
    usage: '--url <scim url> --token <token> [--yes] [--out profile.json]',
    flags: async () => (await import('./calibrate/command.ts')).calibrateFlags,
    run: async args => (await import('./calibrate/command.ts')).runCalibrate(args),
  },
  compare: {
    summary: 'hold a recorded conversation once more here and list the differences',
    usage: '--har <file> [--profile <name>] [--seed <file>]',
    flags: async () => (await import('./compare/command.ts')).compareFlags,
    run: async args => (await import('./compare/command.ts')).runCompare(args),
  },
  healthcheck: { summary: 'exit 0 when the server of the same settings is ready', usage: '[flags]', run: healthcheck },
}

/** Reads the flags of the server; anything else in `args` is a UsageError. */
function readFlags(args: string[], environment: NodeJS.ProcessEnv = process.env): Config {
  const { values } = parseFlags(args, settings)
  const config = readConfig(values, environment)
  if (!Object.hasOwn(presets, config.profile) && !existsSync(config.profile))
    throw new UsageError(
      `--profile is ${JSON.stringify(config.profile)}, which is not accepted; expected insightly, rfc7644 or a file.`,
    )
  return config
}

async function serve(args: string[]): Promise<void> {
  const { format, ...config } = readFlags(args)
  const server = await start(config)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(server))
  const text = (format ?? (process.stdout.isTTY ? 'text' : 'json')) === 'text'
  const ready = toReady(server, version, config.controlApi)
  process.stdout.write(text ? toBanner(ready) : `${JSON.stringify(ready)}\n`)
  // Node would keep what it compiled at the end, which a server that is killed does not reach.
  setTimeout(flushCompileCache, 1000).unref()
}

async function stop(server: Insightly): Promise<void> {
  await server.close()
  process.exit(0)
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
  // A port or folder from the environment is meant for a server that stays.
  const environment = { ...process.env, INSIGHTLY_SCIM_PORT: '0', INSIGHTLY_SCIM_DATA: undefined }
  const { format, ...config } = readFlags(args.slice(0, end), environment)
  if (command === undefined) throw new UsageError('exec needs a command after --, as in: exec -- npm test.')
  const { exec } = await import('./exec.ts')
  const ended = await exec([command, ...rest], config)
  if ('signal' in ended) process.kill(process.pid, ended.signal)
  else process.exitCode = ended.status
}

async function healthcheck(args: string[]): Promise<void> {
  const { port, host, tlsCert } = readFlags(args)
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  const { request } = await import(tlsCert ? 'node:https' : 'node:http')
  const status = await new Promise(resolve => {
    const probe = request(
      // The certificate is the server's own; only its answer matters here.
      { host: address.replace(/[[\]]/g, ''), port, path: '/readyz', timeout: 3000, rejectUnauthorized: false },
      (response: { statusCode: number; resume(): void }) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    probe.on('timeout', () => probe.destroy())
    probe.on('error', () => resolve(undefined))
    probe.end()
  })
  if (status !== 200) throw new StartError(`No ready server at ${address}:${port}.`)
}

async function toHelp(name?: string): Promise<string> {
  if (name !== undefined) {
    const { usage, summary, flags } = commands[name]!
    return `Usage: insightly-scim ${name} ${usage}\n\n${summary}\n\n${toFlagLines(flags ? await flags() : settings)}\n`
  }
  const list = Object.entries(commands).map(([each, { summary }]) => `  ${each.padEnd(14)} ${summary}`)
  return `Usage: insightly-scim [command] [flags]\n\nCommands:\n${list.join('\n')}\n\nFlags:\n${toFlagLines(settings)}\n
--help explains a command, --version tells the version.\n`
}

async function run(args: string[]): Promise<void> {
  const [first] = args
  const isNamed = first !== undefined && !first.startsWith('-')
  if (isNamed && !Object.hasOwn(commands, first))
    throw new UsageError(`${JSON.stringify(first)} is no command; known are ${Object.keys(commands).join(', ')}.`)
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
  try {
    await run(args)
  } catch (error) {
    const isKnown = error instanceof UsageError || error instanceof StartError || error instanceof ApiError
    process.stderr.write(`insightly-scim: ${isKnown ? error.message : toApiError(error).message}\n`)
    if (!isKnown) process.stderr.write(`${(error as Error).stack}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
