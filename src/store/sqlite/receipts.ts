import { isOfOneSession } from '../../bus/address.ts'
import { defined } from '../../bus/defined.ts'
import { isMail, type StoredEvent } from '../../bus/event.ts'
import type { Receipt } from '../../bus/receipt.ts'
import { findEvent } from './event-row.ts'
import type { Sql } from './sql.ts'

interface DeliveryRow {
  readonly sessionId: string
  readonly route: string | null
  readonly offeredAt: number | null
  readonly proof: string | null
  readonly consumedAt: number | null
  readonly answeredBy: number | null
  readonly outcome: 'held' | 'expired' | null
  readonly takenBy: string | null
}

/** In the order in which the sessions registered. */
export function receipts(sql: Sql, eventId: number, limit: number): Receipt[] {
  const event = findEvent(sql, eventId)
  if (event === undefined) return []
  const withHistory = sql
    .all<DeliveryRow>(
      `SELECT s.id AS sessionId, d.route, d.offered_at AS offeredAt, d.proof, d.consumed_at AS consumedAt,
         d.answered_by AS answeredBy, d.outcome, d.taken_by AS takenBy
       FROM deliveries d JOIN sessions s ON s.num = d.session WHERE d.event = ? ORDER BY d.session LIMIT ?`,
      eventId,
      limit,
    )
    .map(row => receiptOf(event, row))
  const left = limit - withHistory.length
  if (left <= 0 || !isMail(event) || isMarkedExpired(sql, event)) return withHistory
  const stored = new Map<number, string>()
  for (const channel of event.channels) {
    for (const gone of isOfOneSession(channel) ? [0, 1] : [0]) {
      const rows = sql.all<{ num: number; id: string }>(
        `SELECT s.num, s.id FROM subscriptions f JOIN sessions s ON s.num = f.session
         WHERE f.channel = ? AND f.following = 1 AND f.gone = ? AND f.position < ? AND s.id <> ?
           AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.session = f.session AND d.event = ?)
         ORDER BY f.session LIMIT ?`,
        channel,
        gone,
        eventId,
        event.senderId,
        eventId,
        left,
      )
      for (const { num, id } of rows) stored.set(num, id)
    }
  }
  const inOrder = [...stored].sort(([a], [b]) => a - b).slice(0, left)
  const waiting = inOrder.map(([, sessionId]) => ({ eventId, sessionId, state: 'stored' }) as const)
  return [...withHistory, ...waiting, ...lostReceipts(sql, eventId)].slice(0, limit)
}

function receiptOf(event: StoredEvent, { sessionId, outcome, takenBy, ...history }: DeliveryRow): Receipt {
  const { answeredBy, consumedAt, offeredAt } = history
  const present = Object.fromEntries(Object.entries(history).filter(([, value]) => value !== null))
  const receipt = (state: Receipt['state'], more = {}): Receipt => ({
    eventId: event.id,
    sessionId,
    state,
    ...present,
    ...more,
  })
  if (answeredBy !== null) return receipt('answered')
  if (consumedAt !== null) return receipt('consumed')
  if (outcome === 'held') return receipt('held', defined({ reason: event.held }))
  if (takenBy !== null && takenBy !== sessionId) return receipt('taken_over', { takenBy })
  return receipt(outcome ?? (offeredAt === null ? 'stored' : 'offered'))
}

/** Then all for whom it was unread have a history. */
function isMarkedExpired(sql: Sql, { id, expiresAt }: StoredEvent): boolean {
  return expiresAt !== undefined && sql.has('SELECT 1 FROM events WHERE id = ? AND expires_at IS NULL', id)
}

/** Of sessions that were forgotten since. */
function lostReceipts(sql: Sql, eventId: number): Receipt[] {
  return sql
    .all<{ sessionId: string; sessionName: string }>(
      'SELECT session AS sessionId, name AS sessionName FROM lost WHERE event = ? ORDER BY num',
      eventId,
    )
    .map(row => ({ eventId, ...row, state: 'undeliverable', reason: 'the session was forgotten' }))
}
