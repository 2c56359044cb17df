import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What is looked up when somebody asks, rather than counted as it happens. */
export interface Figures {
  readonly streams: number
  readonly streamEvents: number
  readonly store: Readonly<Record<string, number>>
}

/** Figures of one hub, with a registry of its own: several hubs in one process (tests) never add up. */
export function createMetrics(figures: () => Promise<Figures>) {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'switchboard_requests_total',
    help: 'Operations called over HTTP, by outcome (ok or an error code).',
    labelNames: ['operation', 'outcome'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'switchboard_request_seconds',
    help: 'Time from the last guard to the answer.',
    labelNames: ['operation'] as const,
    // A publish is about 0.3 ms; `inbox` may wait for two minutes.
    buckets: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1, 10],
    registers,
  })
  const streams = new Gauge({ name: 'switchboard_streams', help: 'Streams open now.', registers })
  const sent = new Gauge({ name: 'switchboard_stream_events', help: 'Events written to streams so far.', registers })
  const store = new Gauge({
    name: 'switchboard_store',
    help: 'Figures of the store, by kind.',
    labelNames: ['figure'] as const,
    registers,
  })
  const memory = new Gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory.', registers })

  return {
    contentType: registry.contentType,
    observe(operation: string, outcome: string, took: number): void {
      requests.inc({ operation, outcome })
      seconds.observe({ operation }, took)
    },
    async text(): Promise<string> {
      const now = await figures()
      streams.set(now.streams)
      sent.set(now.streamEvents)
      memory.set(process.memoryUsage.rss())
      for (const [figure, value] of Object.entries(now.store)) store.set({ figure }, value)
      return await registry.metrics()
    },
  }
}
