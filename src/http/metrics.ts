// Counters for Prometheus. Counting is an addition in a map; prom-client is loaded when someone first asks for metrics.

import type { Exchange } from '../account/exchange.ts'
import type { Instances } from '../account/instances.ts'

/** What was counted of an operation. */
interface OperationCount {
  /** The time that its requests took. */
  milliseconds: number
  /** How many there were with each status; null when no answer was sent. */
  byStatus: Map<number | null, number>
}

/** What has been counted since the server started. */
export class Metrics {
  readonly #operations = new Map<string, OperationCount>()
  readonly #faults = new Map<string, number>()
  /** How many long polls and event streams are open. */
  waiters = 0
  /** The states that are arriving, and how many users of each have arrived. */
  readonly imports = new Set<{ readonly count: number }>()

  /** Counts a finished exchange. */
  countExchange({ operation, status, durationMs }: Exchange): void {
    let count = this.#operations.get(operation)
    if (!count) {
      count = { milliseconds: 0, byStatus: new Map() }
      this.#operations.set(operation, count)
    }
    count.milliseconds += durationMs
    count.byStatus.set(status, (count.byStatus.get(status) ?? 0) + 1)
  }

  /** Counts a fault that fired. */
  countFault(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  /** All counters in Prometheus' text format, with its content type. */
  async render({
    size,
    journalMemory,
  }: Pick<Instances, 'size' | 'journalMemory'>): Promise<{ type: string; text: string }> {
    const { Counter, Gauge, Registry } = await import('prom-client')
    const registry = new Registry()
    const registers = [registry]
    const requests = new Counter({
      name: 'insightly_scim_requests_total',
      help: 'Requests to the SCIM and REST surfaces by operation and status; none: no answer was sent.',
      labelNames: ['operation', 'status'],
      registers,
    })
    for (const [operation, { byStatus }] of this.#operations)
      for (const [status, count] of byStatus) requests.inc({ operation, status: status ?? 'none' }, count)
    const seconds = new Counter({
      name: 'insightly_scim_request_seconds_total',
      help: 'The time that these requests took, in seconds, by operation; delays by faults are part of it.',
      labelNames: ['operation'],
      registers,
    })
    for (const [operation, { milliseconds }] of this.#operations) seconds.inc({ operation }, milliseconds / 1000)
    const faults = new Counter({
      name: 'insightly_scim_faults_total',
      help: 'Faults that fired, by kind.',
      labelNames: ['kind'],
      registers,
    })
    for (const [kind, count] of this.#faults) faults.inc({ kind }, count)
    const counter = (name: string, help: string, value: number): void =>
      new Counter({ name, help, registers }).inc(value)
    const gauge = (name: string, help: string, value: number): void => new Gauge({ name, help, registers }).set(value)
    const staged = [...this.imports].reduce((sum, { count }) => sum + count, 0)
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    counter(
      'insightly_scim_journal_dropped_total',
      'Exchanges that journals gave up for newer ones.',
      journalMemory.dropped,
    )
    gauge('insightly_scim_journal_bytes', 'What the journals of all instances take of their bound.', journalMemory.used)
    gauge('insightly_scim_journal_limit_bytes', 'The bound of the journals (--journal-memory).', journalMemory.most)
    gauge('insightly_scim_waiters', 'Open long polls and event streams.', this.waiters)
    gauge('insightly_scim_imports', 'States that are arriving.', this.imports.size)
    gauge('insightly_scim_import_users', 'Users of these states that have arrived.', staged)
    gauge('insightly_scim_instances', 'Instances alive.', size)
    // These have the names by which Prometheus knows them of every process.
    gauge('process_resident_memory_bytes', 'Memory of the process.', rss)
    gauge('nodejs_heap_size_used_bytes', 'What of it is in use on the heap of V8.', heapUsed)
    counter('process_cpu_seconds_total', 'Processor time of the process, in seconds.', (user + system) / 1e6)
    gauge(
      'process_start_time_seconds',
      'When the process started, in seconds since 1970.',
      performance.timeOrigin / 1000,
    )
    return { type: registry.contentType, text: await registry.metrics() }
  }
}
