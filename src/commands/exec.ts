// Runs a command beside a server that lives as long as it. The environment of the command says where the server is,
// signals are passed on to it, and its exit status becomes ours.

import { spawn } from 'node:child_process'
import { type HeededRow, serverSettings, toldVariables } from '../config.ts'
import { type StartOptions, start } from '../index.ts'

/** How a command ended: by a status, or by a signal. */
export type End = { status: number } | { signal: NodeJS.Signals }

/** What of a server's settings is different for one that lives as long as its command. */
const differences: Partial<Record<string, Partial<HeededRow>>> = {
  // A port, a folder or a real endpoint from the environment is meant for a server that stays.
  upstream: { environment: undefined },
  port: { environment: undefined, default: 0, defaultText: 'a free one' },
  data: { environment: undefined },
  // Only the command should print something.
  logLevel: { default: 'error' },
}

/** The settings that `exec` reads, in the order of help. */
export const execSettings: readonly HeededRow[] = serverSettings.map(row => ({
  ...row,
  ...differences[row.key],
}))

const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * Starts a server, runs the command with INSIGHTLY_SCIM_URL and its like set, and stops the server when it has ended.
 * @throws StartError when the server cannot start
 */
export async function exec([command, ...args]: [string, ...string[]], options: StartOptions): Promise<End> {
  await using insightly = await start(options)
  return await new Promise<End>(resolve => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: {
        ...process.env,
        ...Object.fromEntries(Object.entries(toldVariables).map(([name, member]) => [name, insightly[member]])),
      },
    })
    for (const signal of forwarded)
      process.on(signal, () => {
        // Ctrl-C at a terminal reaches the command without us. To many test runners, a second signal means "at once".
        const isTyped = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')
        if (!isTyped) child.kill(signal)
      })
    // The statuses of env(1) and timeout(1).
    child.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      process.stderr.write(`insightly-scim: ${command} cannot be run (${message}).\n`)
      resolve({ status: code === 'ENOENT' ? 127 : 126 })
    })
    child.on('exit', (status, signal) => {
      for (const each of forwarded) process.removeAllListeners(each)
      resolve(signal ? { signal } : { status: status! })
    })
  })
}
