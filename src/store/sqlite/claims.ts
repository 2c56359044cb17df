import { type Claim, claimsMeet } from '../../bus/claim.ts'
import { defined } from '../../bus/defined.ts'
import type { Commands } from '../../bus/store.ts'
import { findSession, requireSession, sessionOf } from './sessions.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

interface ClaimRow {
  readonly claim: string
}

const parsed = (row: ClaimRow): Claim => JSON.parse(row.claim)

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

export function claim(transaction: Transaction, needs: Commands['claim']['needs']) {
  const { sql, now, log } = transaction
  const { area, path, sessionId, note, token, foldsCase } = needs
  const holder = requireSession(sql, sessionId)
  if (sessionOf(holder).endedAt !== undefined) throw new Refusal({ code: 'not_found', what: 'session' })
  const present = claimAt(sql, now, area, path)
  const isOwn = present?.sessionId === sessionId
  if (token !== undefined && !(isOwn && present?.token === token)) {
    throw new Refusal({ code: 'stale_token', claim: present })
  }
  const expiresAt = now + needs.ttlMs
  if (present && isOwn) {
    return {
      claim: put(sql, holder.num, { ...present, ...defined({ note }), ttlMs: needs.ttlMs, expiresAt }),
      renewed: true,
    }
  }
  const held = sql
    .all<ClaimRow>(
      'SELECT claim FROM claims WHERE area = ? AND expires_at > ? AND session <> ? ORDER BY token',
      area,
      now,
      holder.num,
    )
    .map(parsed)
    .find(other => claimsMeet(other, needs))
  if (held) throw new Refusal({ code: 'claim_held', claim: held })
  const next = log.claimToken + 1
  transaction.log = { ...log, claimToken: next }
  const { ttlMs } = needs
  const taken = {
    area,
    path,
    sessionId,
    token: next,
    ...defined({ note, foldsCase }),
    claimedAt: now,
    ttlMs,
    expiresAt,
  }
  return { claim: put(sql, holder.num, taken), renewed: false }
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
  const due = claims(sql, now, { sessionId }).filter(claim => claim.expiresAt - now < claim.ttlMs / 2)
  for (const claim of due) put(sql, num, { ...claim, expiresAt: now + claim.ttlMs })
  return { renewed: due.length }
}

export function moveClaims({ sql, now }: Transaction, { from, to, sessionId }: Commands['moveClaims']['needs']) {
  const moved: Claim[] = []
  const lost: Claim[] = []
  for (const claim of claims(sql, now, { area: from })) {
    if (from === to || (sessionId !== undefined && claim.sessionId !== sessionId)) continue
    const there = claimAt(sql, now, to, claim.path)
    const isOlder = there === undefined || claim.token < there.token
    if (there !== undefined) lost.push(isOlder ? there : claim)
    sql.run('DELETE FROM claims WHERE area = ? AND path = ?', from, claim.path)
    if (isOlder) moved.push(put(sql, requireSession(sql, claim.sessionId).num, { ...claim, area: to }))
  }
  return { moved, lost }
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

export function claims(sql: Sql, now: number, query: { area?: string; sessionId?: string }): Claim[] {
  const rows =
    query.area !== undefined
      ? sql.all<ClaimRow>('SELECT claim FROM claims WHERE area = ? AND expires_at > ? ORDER BY path', query.area, now)
      : query.sessionId !== undefined
        ? sql.all<ClaimRow>(
            `SELECT claim FROM claims WHERE session = (SELECT num FROM sessions WHERE id = ?) AND expires_at > ?
             ORDER BY path, area`,
            query.sessionId,
            now,
          )
        : sql.all<ClaimRow>('SELECT claim FROM claims WHERE expires_at > ? ORDER BY path, area', now)
  return rows.map(parsed).filter(claim => query.sessionId === undefined || claim.sessionId === query.sessionId)
}
