import { LIMITS } from '../../bus/limits.ts'
import type { Commands } from '../../bus/store.ts'
import { lastUpTo } from './order-of-time.ts'
import { requireSession } from './sessions.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

interface Subscription {
  readonly channel: string
  readonly position: number
}

export function followedBy(sql: Sql, session: number): Subscription[] {
  return sql.all('SELECT channel, position FROM subscriptions WHERE session = ? AND following = 1', session)
}

export function follow(transaction: Transaction, needs: Commands['follow']['needs']) {
  const { sql, now } = transaction
  const { num } = requireSession(sql, needs.sessionId)
  const wanted = new Set(needs.channels)
  const present = new Set(followedBy(sql, num).map(each => each.channel))
  const added = [...wanted].filter(channel => !present.has(channel))
  const removed = [...present].filter(channel => !wanted.has(channel))
  const gone = sql.one<{ gone: number }>('SELECT gone FROM sessions WHERE num = ?', num)!.gone
  const backfillFrom = added.length === 0 ? 0 : lastUpTo(sql, transaction.log.newest, now - needs.backfillMs)
  for (const channel of added) {
    sql.run(
      `INSERT INTO subscriptions (session, channel, position, following, gone) VALUES (?, ?, ?, 1, ?)
       ON CONFLICT DO UPDATE SET following = 1, gone = excluded.gone, position = max(position, excluded.position)`,
      num,
      channel,
      channel === `session:${needs.sessionId}` ? 0 : backfillFrom,
      gone,
    )
  }
  for (const channel of removed) {
    sql.run('UPDATE subscriptions SET following = 0 WHERE session = ? AND channel = ?', num, channel)
  }
  if (removed.length > 0) forgetFormer(sql, num)
  return { added, removed }
}

/** The positions that are furthest behind. */
function forgetFormer(sql: Sql, session: number): void {
  const former = 'FROM subscriptions WHERE session = ? AND following = 0'
  const { count } = sql.one<{ count: number }>(`SELECT count(*) AS count ${former}`, session)!
  if (count <= LIMITS.formerChannels) return
  sql.run(
    `DELETE FROM subscriptions WHERE session = ? AND channel IN (
       SELECT channel ${former} ORDER BY position DESC, channel LIMIT -1 OFFSET ?)`,
    session,
    session,
    LIMITS.formerChannels,
  )
}
