import type { Client, OutputOf } from '../../src/client/index.ts'
import type { ScriptedSession } from './scripted-session.ts'

type WireEvent = OutputOf<'get_events'>['events'][number]

/** What the hub's log and receipts say, held against what the models of the sessions have read. */
export interface Verdict {
  readonly messages: number
  /** Sessions that a message was for, in all. */
  readonly deliveries: number
  readonly held: number
  /** For a session, and never before its model. */
  readonly lost: readonly string[]
  /** Twice in one context. */
  readonly doubled: readonly string[]
  /** Receipts that say something else than what happened. */
  readonly untrue: readonly string[]
}

export async function judge(operator: Client, sessions: readonly ScriptedSession[]): Promise<Verdict> {
  const byName = new Map(sessions.map(session => [session.name, session]))
  const lost: string[] = []
  const untrue: string[] = []
  let [messages, deliveries, held] = [0, 0, 0]
  for (const event of await wholeLog(operator)) {
    if (event.level === 'lifecycle') continue
    messages++
    const { receipts } = await operator.call('message_status', { event_id: event.id })
    for (const receipt of receipts.filter(each => each.session !== 'operator')) {
      const wasSeen = byName.get(receipt.session)?.context.seen.has(event.id) ?? false
      const saysSeen = receipt.state === 'consumed' || receipt.state === 'answered'
      const line = `${event.id} from ${event.from} to ${receipt.session}: ${JSON.stringify(receipt)}`
      if (receipt.state === 'held') held++
      else deliveries++
      if (!wasSeen && receipt.state !== 'held') lost.push(line)
      if (wasSeen !== saysSeen) untrue.push(`${wasSeen ? 'read' : 'never read'}: ${line}`)
    }
    const told = new Set(receipts.map(receipt => receipt.session))
    for (const { name, context } of sessions)
      if (context.seen.has(event.id) && !told.has(name)) untrue.push(`read: ${event.id} by ${name}, without a receipt`)
  }
  const doubled = sessions.flatMap(({ name, context }) => context.doubled.map(what => `${name}: ${what}`))
  return { messages, deliveries, held, lost, doubled, untrue }
}

async function wholeLog(operator: Client): Promise<WireEvent[]> {
  const events: WireEvent[] = []
  for (let after = 0; ; ) {
    const page = await operator.call('get_events', { after, limit: 200 })
    events.push(...page.events)
    if (!page.has_more) return events
    after = page.next!
  }
}
