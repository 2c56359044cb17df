import type { Client } from '../../src/client/index.ts'
import type { LoggedEvent } from './ledger.ts'

const PAGE = 500

/** All events of a type or channel, in the log's order, read as any reader would. */
export async function readLog(client: Client, channel: string): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = []
  for (let after = 0; ; ) {
    const page = await client.call('get_events', { channel, after, order: 'asc', limit: PAGE })
    events.push(...page.events.map(({ id, text }) => ({ id, text })))
    if (!page.has_more || page.next === undefined) return events
    after = page.next
  }
}
