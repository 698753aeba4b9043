#!/usr/bin/env node
// The command line: argv and environment become a configuration, a command and an exit status. Each command is loaded
// when it is asked for.

import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Config, readConfig, settings, UsageError } from './config.ts'
import { StartError, toApiError } from './errors.ts'
import type { Server } from './index.ts'
import { presets } from './scim/behaviour.ts'

interface Command {
  summary: string
  usage: string
  run(args: string[]): Promise<void>
}

const commands: Record<string, Command> = {
  serve: { summary: 'run the server (the default)', usage: '[flags]', run: serve },
  healthcheck: { summary: 'exit 0 when the server of the same settings is ready', usage: '[flags]', run: healthcheck },
}

/** Reads the flags of the server; anything else in `args` is a UsageError. */
function readFlags(args: string[]): Config {
  const { values } = parse(args, false)
  const config = readConfig(values as Record<string, string | boolean>, process.env)
  if (!Object.hasOwn(presets, config.profile) && !existsSync(config.profile))
    throw new UsageError(
      `--profile is ${JSON.stringify(config.profile)}, which is not accepted; expected insightly, rfc7644 or a file.`,
    )
  return config
}

function parse(args: string[], allowPositionals: boolean) {
  const options = Object.fromEntries(
    settings.map(({ flag, argument }) => [
      flag,
      { type: argument === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    return parseArgs({ args, options, allowPositionals, allowNegative: true })
  } catch (error) {
    const [flag] = /'(--?[^' ]+)/.exec((error as Error).message)?.slice(1) ?? []
    const known = settings.map(setting => `--${setting.flag}`).join(', ')
    if ((error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw new UsageError(`${flag} is not known; known are ${known}.`)
    throw new UsageError((error as Error).message.split('\n')[0]!.replace(/\.? To specify.*$/, '.'))
  }
}

async function serve(args: string[]): Promise<void> {
  const { format, ...config } = readFlags(args)
  const { start } = await import('./index.ts')
  const server = await start(config)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(server))
  const text = (format ?? (process.stdout.isTTY ? 'text' : 'json')) === 'text'
  process.stdout.write(text ? toBanner(server) : `${JSON.stringify(toReady(server))}\n`)
}

async function stop(server: Server): Promise<void> {
  await server.close()
  process.exit(0)
}

const toReady = ({ version, url, scimUrl, scimToken, apiUrl, apiKey, controlUrl, adminKey }: Server) => ({
  ready: true,
  version,
  pid: process.pid,
  url,
  scimUrl,
  scimToken,
  apiUrl,
  apiKey,
  controlUrl,
  adminKey,
  consoleUrl: `${url}/#key=${encodeURIComponent(adminKey)}`,
})

function toBanner(server: Server): string {
  const ready = toReady(server)
  return `
  insightly-scim ${ready.version} is ready.

  SCIM URL    ${ready.scimUrl}
  SCIM token  ${ready.scimToken}
  Console     ${ready.consoleUrl}

  Try it:
  curl -H 'Authorization: Bearer ${ready.scimToken}' ${ready.scimUrl}/Users

`
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

function toHelp(name?: string): string {
  const lines = settings.map(setting => {
    const flag = `--${setting.flag}${setting.argument ? ` <${setting.argument}>` : ''}`
    const fallback = setting.defaultText ?? String(setting.default)
    return `  ${flag.padEnd(24)} ${setting.meaning}\n${' '.repeat(27)}(default: ${fallback}; ${setting.environment})`
  })
  if (name !== undefined)
    return `Usage: insightly-scim ${name} ${commands[name]!.usage}\n\n${commands[name]!.summary}\n\n${lines.join('\n')}\n`
  const list = Object.entries(commands).map(([each, { summary }]) => `  ${each.padEnd(14)} ${summary}`)
  return `Usage: insightly-scim [command] [flags]\n\nCommands:\n${list.join('\n')}\n\nFlags:\n${lines.join('\n')}\n
--help explains a command, --version tells the version.\n`
}

async function main(args: string[]): Promise<void> {
  const [first] = args
  const isNamed = first !== undefined && !first.startsWith('-')
  if (isNamed && !Object.hasOwn(commands, first))
    throw new UsageError(`${JSON.stringify(first)} is no command; known are ${Object.keys(commands).join(', ')}.`)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const own = args.slice(0, end)
  if (own.includes('--help') || own.includes('-h')) {
    process.stdout.write(toHelp(isNamed ? first : undefined))
  } else if (own.includes('--version')) {
    const { version } = await import('./index.ts')
    process.stdout.write(`${version}\n`)
  } else {
    await commands[isNamed ? first : 'serve']!.run(isNamed ? args.slice(1) : args)
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const isKnown = error instanceof UsageError || error instanceof StartError
  process.stderr.write(`insightly-scim: ${isKnown ? error.message : toApiError(error).message}\n`)
  if (!isKnown) process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
