import { OPERATOR_ID } from '../../bus/access.ts'
import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import { OWN_SESSION_IDS } from '../../bus/own-sessions.ts'
import { ENDED, plusInjected, type Session } from '../../bus/session.ts'
import { firstFree } from '../../bus/session-name.ts'
import { patchSession } from '../../bus/session-patch.ts'
import { skeletonOf } from '../../bus/skeleton.ts'
import type { Commands } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

export interface SessionRow {
  readonly num: number
  readonly session: string
  readonly grantor: string
  readonly seenAt: number
  readonly cursor: number
}

export const SESSION_COLUMNS = 'num, session, grantor, seen_at AS seenAt, cursor'

/** A sign of life is the commonest write, so it stands beside the JSON and not in it; older files know the grantor only there. */
export function sessionOf(row: SessionRow): Session {
  return { ...(JSON.parse(row.session) as Session), grantor: row.grantor, seenAt: row.seenAt }
}

export function findSession(sql: Sql, id: string): SessionRow | undefined {
  return sql.one<SessionRow>(`SELECT ${SESSION_COLUMNS} FROM sessions WHERE id = ?`, id)
}

export function requireSession(sql: Sql, id: string): SessionRow {
  const row = findSession(sql, id)
  if (row === undefined) throw new Refusal({ code: 'not_found', what: 'session' })
  return row
}

export function createSession({ sql, now }: Transaction, needs: Commands['createSession']['needs']): Session {
  const { session } = needs
  if (findSession(sql, session.id)) throw taken('id')
  takeClient(sql, session)
  takePlace(sql, session.grantor, needs.maxLiving)
  const created: Session = {
    ...defined(session),
    name: freeName(sql, session),
    codename: freeCodename(sql, session.codename),
    registeredAt: now,
    seenAt: now,
  }
  sql.run(
    `INSERT INTO sessions (id, grantor, name, look, codename, machine, client_id, repo, gone, seen_at, cursor, session)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?)`,
    created.id,
    created.grantor,
    created.name,
    skeletonOf(created.name),
    created.codename,
    created.machine,
    created.clientId ?? null,
    created.repo ?? null,
    now,
    JSON.stringify(created),
  )
  remember(sql, created)
  return created
}

export function updateSession(transaction: Transaction, needs: Commands['updateSession']['needs']): Session {
  const { sql, now } = transaction
  const row = requireSession(sql, needs.id)
  const before = sessionOf(row)
  const counted = needs.injected === undefined ? {} : { injected: plusInjected(before.injected, needs.injected) }
  const wished = { ...revived(readmitted(patchSession(before, needs.patch), needs), needs, now), ...counted }
  if (needs.revive && before.endedAt !== undefined) takePlace(sql, before.grantor, needs.maxLiving)
  const isNamedAnew = wished.name !== before.name || before.endedAt !== undefined
  const after = wished.endedAt === undefined && isNamedAnew ? { ...wished, name: freeName(sql, wished) } : wished
  takeClient(sql, after)
  write(sql, row.num, after)
  if (before.endedAt !== undefined && after.endedAt === undefined) {
    sql.run('UPDATE subscriptions SET gone = 0 WHERE session = ? AND following = 1', row.num)
  }
  remember(sql, after)
  if (needs.reofferUnproved) sql.run('UPDATE deliveries SET leased = 0 WHERE session = ? AND leased = 1', row.num)
  return after
}

type Update = Commands['updateSession']['needs']

function readmitted(session: Session, { readmit }: Update): Session {
  if (!readmit || session.endReason !== ENDED.expelled) return session
  return { ...session, endReason: ENDED.left, readmissions: (session.readmissions ?? 0) + 1 }
}

function revived(session: Session, { revive }: Update, now: number): Session {
  if (!revive) return session
  if (session.endReason === ENDED.expelled) throw new Refusal({ code: 'expelled', sessionId: session.id })
  const { endedAt: _, endReason: __, ...living } = session
  return { ...living, seenAt: now }
}

/** Ends a session and its claims. */
export function endSession({ sql, now }: Transaction, needs: Commands['endSession']['needs']) {
  const row = requireSession(sql, needs.id)
  const session = sessionOf(row)
  if (session.endedAt !== undefined)
    return { session: expelledLate(sql, row.num, session, needs.reason), releasedClaims: 0, left: [] }
  const ended: Session = { ...session, endedAt: now, endReason: needs.reason }
  write(sql, row.num, ended)
  sql.run('UPDATE subscriptions SET gone = 1 WHERE session = ? AND following = 1', row.num)
  const left = sql.all<{ area: string; path: string }>(
    'SELECT area, path FROM claims WHERE session = ? AND expires_at > ? ORDER BY path, area LIMIT ?',
    row.num,
    now,
    LIMITS.namedClaims,
  )
  const releasedClaims = sql.change('DELETE FROM claims WHERE session = ? AND expires_at > ?', row.num, now)
  sql.run('DELETE FROM claims WHERE session = ?', row.num)
  return { session: ended, releasedClaims, left }
}

/** One that had ended by itself, and would have come back so. */
function expelledLate(sql: Sql, num: number, session: Session, reason: string): Session {
  if (reason !== ENDED.expelled) return session
  const expelled = { ...session, endReason: reason }
  write(sql, num, expelled)
  return expelled
}

function takePlace(sql: Sql, grantor: string, maxLiving: number | undefined): void {
  if (maxLiving === undefined || livingGrantedBy(sql, grantor).length < maxLiving) return
  throw new Refusal({ code: 'limit_reached', what: 'livingSessions', limit: maxLiving })
}

/** In the order of registration. The operator's are not counted. */
export function livingGrantedBy(sql: Sql, tokenId: string): string[] {
  return sql
    .all<{ id: string }>(
      `SELECT id FROM sessions WHERE grantor = ? AND gone = 0 AND grantor <> '${OPERATOR_ID}' ORDER BY num`,
      tokenId,
    )
    .map(row => row.id)
}

export function touch({ sql, now }: Transaction, { ids }: Commands['touch']['needs']): null {
  for (const id of ids) sql.run('UPDATE sessions SET seen_at = ? WHERE id = ? AND gone = 0', now, id)
  return null
}

function write(sql: Sql, num: number, session: Session): void {
  sql.run(
    'UPDATE sessions SET name = ?, look = ?, client_id = ?, repo = ?, gone = ?, ended_at = ?, seen_at = ?, session = ? WHERE num = ?',
    session.name,
    skeletonOf(session.name),
    session.clientId ?? null,
    session.repo ?? null,
    session.endedAt === undefined ? 0 : 1,
    session.endedAt ?? null,
    session.seenAt,
    JSON.stringify(session),
    num,
  )
}

/** A name of which the look is free is looked for among the few of its kind: all that begin with it. */
function freeName(sql: Sql, { id, name }: Pick<Session, 'id' | 'name'>): string {
  const look = skeletonOf(name)
  const rows = sql.all<{ look: string }>(
    // After the look itself come those that go on with a dash, up to the dot.
    `SELECT look FROM main.sessions INDEXED BY sessions_by_living_look
     WHERE gone = 0 AND look >= ?1 AND look < ?1 || '.' AND id <> ?2`,
    look,
    id,
  )
  const taken = new Set(rows.map(row => row.look))
  return firstFree(
    name,
    candidate =>
      !taken.has(skeletonOf(candidate)) &&
      !sql.has('SELECT 1 FROM sessions WHERE codename = ? AND id <> ?', candidate, id),
  )
}

function freeCodename(sql: Sql, wished: string): string {
  return firstFree(
    wished,
    candidate =>
      !sql.has('SELECT 1 FROM sessions WHERE codename = ?', candidate) &&
      !sql.has('SELECT 1 FROM sessions WHERE name = ? AND gone = 0', candidate),
  )
}

function taken(what: 'id' | 'client'): Refusal {
  return new Refusal({ code: 'identity_taken', what })
}

function takeClient(sql: Sql, session: Pick<Session, 'id' | 'grantor' | 'machine' | 'clientId'>): void {
  if (session.clientId === undefined) return
  const holder = sql.one<{ id: string }>(
    'SELECT id FROM sessions WHERE grantor = ? AND machine = ? AND client_id = ?',
    session.grantor,
    session.machine,
    session.clientId,
  )
  if (holder && holder.id !== session.id) throw taken('client')
}

function remember(sql: Sql, session: Session): void {
  const facts: [kind: string, value: string | undefined][] = [
    ['repo', session.repo],
    ['machine', session.machine],
    ['role', session.role],
    ...session.topics.map((topic): [string, string] => ['topic', topic]),
  ]
  for (const [kind, value] of facts) {
    if (value !== undefined) sql.run('INSERT OR IGNORE INTO known (kind, value) VALUES (?, ?)', kind, value)
  }
}

/** For a list in SQL: the ids are written in the source. */
export const OWN_SESSIONS = OWN_SESSION_IDS.map(id => `'${id}'`).join(', ')

/** Those silent since before this time. Those of the bus's own are never among them. */
export function silentSince(sql: Sql, time: number, limit: number): string[] {
  return sql
    .all<{ id: string }>(
      `SELECT id FROM sessions WHERE gone = 0 AND seen_at <= ? AND id NOT IN (${OWN_SESSIONS}) ORDER BY seen_at DESC, id LIMIT ?`,
      time,
      limit,
    )
    .map(row => row.id)
}
