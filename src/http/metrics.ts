// Counters for Prometheus. Counting is a map and an addition; prom-client is loaded when someone first asks.

import type { Instances } from '../account/instances.ts'
import type { Exchange } from '../account/journal.ts'

/** What has been counted since the server started. */
export class Metrics {
  readonly #exchanges = new Map<string, number>()
  readonly #faults = new Map<string, number>()
  /** How many long polls and event streams are open. */
  waiters = 0

  /** Counts a finished exchange. */
  countExchange({ operation, status }: Exchange): void {
    const key = `${operation} ${status ?? 'none'}`
    this.#exchanges.set(key, (this.#exchanges.get(key) ?? 0) + 1)
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
    for (const [key, count] of this.#exchanges) {
      const [operation = '', status = ''] = key.split(' ')
      requests.inc({ operation, status }, count)
    }
    const faults = new Counter({
      name: 'insightly_scim_faults_total',
      help: 'Faults that fired, by kind.',
      labelNames: ['kind'],
      registers,
    })
    for (const [kind, count] of this.#faults) faults.inc({ kind }, count)
    new Counter({
      name: 'insightly_scim_journal_dropped_total',
      help: 'Exchanges that journals gave up for newer ones.',
      registers,
    }).inc(journalMemory.dropped)
    new Gauge({ name: 'insightly_scim_waiters', help: 'Open long polls and event streams.', registers }).set(
      this.waiters,
    )
    new Gauge({ name: 'insightly_scim_instances', help: 'Instances alive.', registers }).set(size)
    return { type: registry.contentType, text: await registry.metrics() }
  }
}
