// Stoplight's Prism as a proxy before the server: it holds every request and answer of the conversations against openapi.yaml.

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { playSteps } from '../src/rehearse/play.ts'
import { acceptedConversations } from './conversations.ts'
import { npmVersion } from './pins.ts'
import { type Outcome, type Tool, toolsFolder } from './tool.ts'

interface Violation {
  location: string[]
  severity: string
  code: string
  message: string
}

export const prism: Tool = {
  name: 'Prism proxy',
  needs: ['node'],
  presets: ['insightly'],
  version: () => npmVersion('@stoplight/prism-cli'),
  async run({ server }) {
    const port = await findFreePort()
    const proxy = await startProxy(server.url, port)
    const url = `http://127.0.0.1:${port}`
    try {
      const outcomes: Outcome[] = []
      for (const conversation of acceptedConversations) {
        const instance = await server.createInstance({
          behaviours: conversation.behaviours ?? {},
          state: { users: [] },
        } as never)
        const failures: string[] = []
        for await (const { step, answer, problem } of playSteps(conversation, {
          scimUrl: `${url}/scim/v2`,
          token: instance.scimToken,
        })) {
          const violations = JSON.parse(String(answer.headers['sl-violations'] ?? '[]')) as Violation[]
          // A request that breaks the description is as it should be when it is refused.
          const broken = violations.filter(({ location }) => location[0] !== 'request' || answer.status < 400)
          failures.push(
            ...broken.map(each => `${step.method} ${step.path}: ${each.location.join('.')} ${each.message}`),
          )
          if (problem) failures.push(`${step.method} ${step.path}: ${problem}`)
        }
        outcomes.push({ check: conversation.id, failure: failures.join('\n') || undefined })
      }
      return outcomes
    } finally {
      proxy.kill()
    }
  },
}

function findFreePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

function startProxy(upstream: string, port: number): Promise<ChildProcess> {
  const file = new URL('../openapi.yaml', import.meta.url).pathname
  const child = spawn(
    'node',
    [
      `${toolsFolder}node_modules/@stoplight/prism-cli/dist/index.js`,
      ...['proxy', file, upstream, '--port', String(port), '--host', '127.0.0.1', '--verboseLevel', 'info'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: toolsFolder },
  )
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk
      if (/Prism is listening/.test(output)) resolve(child)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', () => reject(new Error(`Prism did not start: ${output}`)))
  })
}
