import type { Session } from '../../bus/session.ts'
import type { SessionQuery } from '../../bus/store-reads.ts'
import { OWN_SESSIONS, SESSION_COLUMNS, type SessionRow, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'

export function sessionOfClient(sql: Sql, grantor: string, machine: string, clientId: string): Session | undefined {
  const row = sql.one<SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM sessions WHERE grantor = ? AND machine = ? AND client_id = ?`,
    grantor,
    machine,
    clientId,
  )
  return row && sessionOf(row)
}

export function sessionsCalled(sql: Sql, reference: string): Session[] {
  for (const column of ['id', 'codename']) {
    const row = sql.one<SessionRow>(`SELECT ${SESSION_COLUMNS} FROM sessions WHERE ${column} = ?`, reference)
    if (row !== undefined) return [sessionOf(row)]
  }
  return sql
    .all<SessionRow>(
      `SELECT ${SESSION_COLUMNS} FROM sessions WHERE name = ? ORDER BY gone, seen_at DESC, id`,
      reference,
    )
    .map(sessionOf)
}

/** Each (place, gone) is one run of an index in the wanted order, so a page costs the same among 10 and 10,000. */
export function sessions(sql: Sql, query: SessionQuery): Session[] {
  const [where, values] =
    query.repo !== undefined
      ? query.machine === undefined
        ? ['repo = ?', [query.repo]]
        : ['repo = ? AND +machine = ?', [query.repo, query.machine]]
      : query.machine === undefined
        ? ['1', []]
        : ['machine = ?', [query.machine]]
  const page = (gone: 0 | 1) =>
    sql.all<SessionRow & { id: string }>(
      `SELECT id, ${SESSION_COLUMNS} FROM sessions WHERE ${where} AND gone = ${gone} AND id NOT IN (${OWN_SESSIONS})
       ORDER BY seen_at DESC, id LIMIT ?`,
      ...values,
      query.limit,
    )
  if (!query.includeEnded) return page(0).map(sessionOf)
  return [...page(0), ...page(1)]
    .sort((a, b) => b.seenAt - a.seenAt || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
    .slice(0, query.limit)
    .map(sessionOf)
}

export function known(sql: Sql, kind: string, limit: number): string[] {
  const values = 'SELECT value FROM known WHERE kind = ? ORDER BY value LIMIT ?'
  return sql.all<{ value: string }>(values, kind, limit).map(row => row.value)
}

export function isFollowed(sql: Sql, channel: string): boolean {
  return sql.has('SELECT 1 FROM subscriptions WHERE channel = ? AND following = 1 LIMIT 1', channel)
}

/** In the order of registration. */
export function followers(sql: Sql, channels: readonly string[], limit: number): Session[] {
  const following = new Map<number, SessionRow>()
  for (const channel of channels) {
    const rows = sql.all<SessionRow>(
      `SELECT s.num, s.session, s.grantor, s.seen_at AS seenAt, s.cursor
       FROM subscriptions f CROSS JOIN sessions s ON s.num = f.session
       WHERE f.channel = ? AND f.following = 1 AND f.gone = 0 ORDER BY f.session LIMIT ?`,
      channel,
      limit,
    )
    for (const row of rows) following.set(row.num, row)
  }
  const inOrder = [...following.values()].sort((a, b) => a.num - b.num)
  return inOrder.slice(0, limit).map(sessionOf)
}

/** Every session has a channel of its own, and one row there: they are passed over as a range of the index. */
export function channels(sql: Sql, limit: number): { channel: string; followers: number }[] {
  const rows = (range: string, rest: number) =>
    sql.all<{ channel: string; followers: number }>(
      `SELECT channel, count(*) AS followers FROM subscriptions WHERE channel ${range} AND following = 1 AND gone = 0
       GROUP BY channel ORDER BY channel LIMIT ?`,
      rest,
    )
  const before = rows(`< 'session:'`, limit)
  return [...before, ...rows(`>= 'session;'`, limit - before.length)].map(row => ({ ...row }))
}
