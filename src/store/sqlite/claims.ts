import { OPERATOR_ID } from '../../bus/access.ts'
import { type Claim, type ClaimQuery, claimTest, isDueForRenewal, newClaim, renewClaim } from '../../bus/claim.ts'
import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Commands } from '../../bus/store.ts'
import type { Value } from './driver.ts'
import { DamagedRow } from './errors.ts'
import { findSession, requireSession, type SessionRow, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

interface ClaimRow {
  readonly claim: string
}

const parsed = (row: ClaimRow): Claim => JSON.parse(row.claim)

/** What decides whether it is in the way; the claim itself may bear a long note, and most are not in the way. */
const CLAIMED = "area, path, claim ->> '$.foldsCase' AS foldsCase"

interface ClaimedRow {
  readonly area: string
  readonly path: string
  readonly foldsCase: number | null
}

const claimed = (row: ClaimedRow) => ({ ...row, foldsCase: row.foldsCase === 1 })

/** Expiry is judged here, at each look; the rows of expired claims are overwritten, or go with the next sweep. */
function claimAt(sql: Sql, now: number, area: string, path: string): Claim | undefined {
  const row = sql.one<ClaimRow>(
    'SELECT claim FROM claims WHERE area = ? AND path = ? AND expires_at > ?',
    area,
    path,
    now,
  )
  return row && parsed(row)
}

/** One that a list has just named: where it is not found, a column that both look at is damaged. */
function requireClaim(sql: Sql, now: number, area: string, path: string): Claim {
  const claim = claimAt(sql, now, area, path)
  if (claim === undefined) throw new DamagedRow('claims')
  return claim
}

export function claim(transaction: Transaction, needs: Commands['claim']['needs']) {
  const { sql, now, log } = transaction
  const { area, path, sessionId, note, token, ttlMs } = needs
  const holder = requireSession(sql, sessionId)
  if (sessionOf(holder).endedAt !== undefined) throw new Refusal({ code: 'not_found', what: 'session' })
  const present = claimAt(sql, now, area, path)
  const isOwn = present?.sessionId === sessionId
  if (token !== undefined && !(isOwn && present?.token === token)) {
    throw new Refusal({ code: 'stale_token', claim: present })
  }
  if (present && isOwn) {
    return { claim: put(sql, holder.num, renewClaim({ ...present, ...defined({ note }) }, now, ttlMs)), renewed: true }
  }
  requireFewIn(sql, now, area)
  const held = sql
    .all<ClaimedRow>(
      `SELECT ${CLAIMED} FROM claims WHERE area = ? AND expires_at > ? AND session <> ? ORDER BY token`,
      area,
      now,
      holder.num,
    )
    .map(claimed)
    .find(claimTest({ meets: needs }))
  if (held) throw new Refusal({ code: 'claim_held', claim: requireClaim(sql, now, area, held.path) })
  requireRoom(transaction, needs, holder)
  const next = log.claimToken + 1
  transaction.log = { ...log, claimToken: next }
  return { claim: put(sql, holder.num, newClaim(needs, next, now)), renewed: false }
}

/** Each of them is looked at by who claims there. */
function requireFewIn(sql: Sql, now: number, area: string): void {
  const some = 'SELECT 1 FROM claims WHERE area = ? AND expires_at > ? LIMIT ?'
  const count = countOf(sql, some, area, now, LIMITS.areaClaims)
  if (count >= LIMITS.areaClaims) {
    throw new Refusal({ code: 'limit_reached', what: 'areaClaims', limit: LIMITS.areaClaims })
  }
}

function requireRoom({ sql, now }: Transaction, { maxGranted }: Commands['claim']['needs'], holder: SessionRow): void {
  // Of those that have expired no session leaves more behind than it may hold.
  sql.run('DELETE FROM claims WHERE session = ? AND expires_at <= ?', holder.num, now)
  const granted = `SELECT 1 FROM sessions s CROSS JOIN claims c ON c.session = s.num
    WHERE s.grantor = ? AND s.grantor <> '${OPERATOR_ID}' AND c.expires_at > ? LIMIT ?`
  if (maxGranted !== undefined && countOf(sql, granted, holder.grantor, now, maxGranted) >= maxGranted) {
    throw new Refusal({ code: 'limit_reached', what: 'grantedClaims', limit: maxGranted })
  }
  if (countOf(sql, 'SELECT 1 FROM claims WHERE session = ?', holder.num) >= LIMITS.sessionClaims) {
    throw new Refusal({ code: 'limit_reached', what: 'claims', limit: LIMITS.sessionClaims })
  }
}

function countOf(sql: Sql, rows: string, ...values: Value[]): number {
  return sql.one<{ count: number }>(`SELECT count(*) AS count FROM (${rows})`, ...values)!.count
}

function put(sql: Sql, session: number, claim: Claim): Claim {
  sql.run(
    'INSERT OR REPLACE INTO claims (area, path, session, token, expires_at, claim) VALUES (?, ?, ?, ?, ?, ?)',
    claim.area,
    claim.path,
    session,
    claim.token,
    claim.expiresAt,
    JSON.stringify(claim),
  )
  return claim
}

export function renewClaims({ sql, now }: Transaction, { sessionId }: Commands['renewClaims']['needs']) {
  const num = findSession(sql, sessionId)?.num
  if (num === undefined) return { renewed: 0 }
  const due = claims(sql, now, { sessionId, limit: ALL }).filter(claim => isDueForRenewal(claim, now))
  for (const claim of due) put(sql, num, renewClaim(claim, now))
  return { renewed: due.length }
}

export function moveClaims({ sql, now, pieceRows }: Transaction, needs: Commands['moveClaims']['needs']) {
  const { area, to, sessionId } = needs
  const moved: Claim[] = []
  const lost: Claim[] = []
  if (area === to) return { moved, lost }
  const found = claims(sql, now, { area, sessionId, limit: pieceRows + 1 })
  const holder = findSession(sql, sessionId)
  for (const claim of found.slice(0, pieceRows)) {
    const there = claimAt(sql, now, to, claim.path)
    const goesFirst =
      there === undefined ||
      (claim.token < there.token && requireSession(sql, there.sessionId).grantor === holder?.grantor)
    if (there !== undefined) lost.push(goesFirst ? there : claim)
    sql.run('DELETE FROM claims WHERE area = ? AND path = ?', area, claim.path)
    if (goesFirst) moved.push(put(sql, requireSession(sql, claim.sessionId).num, { ...claim, area: to }))
  }
  return defined({ moved, lost, next: found.length > pieceRows || undefined })
}

export function release({ sql, now }: Transaction, needs: Commands['release']['needs']): Claim {
  const { area, path, sessionId, token } = needs
  const present = claimAt(sql, now, area, path)
  if (token !== undefined && present?.token !== token) throw new Refusal({ code: 'stale_token', claim: present })
  if (present === undefined || (sessionId !== undefined && present.sessionId !== sessionId)) {
    throw new Refusal({ code: 'not_found', what: 'claim' })
  }
  sql.run('DELETE FROM claims WHERE area = ? AND path = ?', area, path)
  return present
}

/** To SQLite a negative limit is none. */
const ALL = -1

export function claims(sql: Sql, now: number, query: ClaimQuery): Claim[] {
  const [parts, values] = [['expires_at > ?'], [now] as Value[]]
  const add = (part: string, value: Value | undefined) => {
    if (value === undefined) return
    parts.push(part)
    values.push(value)
  }
  add('area = ?', query.area)
  add('session = (SELECT num FROM sessions WHERE id = ?)', query.sessionId)
  add('session IS NOT (SELECT num FROM sessions WHERE id = ?)', query.notSessionId)
  const isSettled = query.meets === undefined && query.covers === undefined
  const rows = sql.all<ClaimedRow>(
    `SELECT ${CLAIMED} FROM claims WHERE ${parts.join(' AND ')} ORDER BY path, area LIMIT ?`,
    ...values,
    isSettled ? query.limit : LIMITS.areaClaims + query.limit,
  )
  const isMeant = claimTest(query)
  const found: Claim[] = []
  for (const [at, row] of rows.entries()) {
    if (found.length === query.limit) break
    // Two repositories that became one may hold more: what is not compared counts as met.
    if (at >= LIMITS.areaClaims || isMeant(claimed(row))) found.push(requireClaim(sql, now, row.area, row.path))
  }
  return found
}
