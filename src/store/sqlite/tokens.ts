import { OPERATOR_ID } from '../../bus/access.ts'
import { defined } from '../../bus/defined.ts'
import { departure } from '../../bus/departure.ts'
import { LIMITS } from '../../bus/limits.ts'
import { ENDED } from '../../bus/session.ts'
import type { Commands } from '../../bus/store.ts'
import type { Token } from '../../bus/token.ts'
import { endSome } from './endings.ts'
import { append } from './events.ts'
import { livingGrantedBy } from './sessions.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

interface TokenRow {
  readonly id: string
  readonly token: string
}

/** Older files know the id only beside the JSON. */
const parsed = (row: TokenRow): Token => ({ ...(JSON.parse(row.token) as Token), id: row.id })

export function putToken({ sql, now }: Transaction, { token }: Commands['putToken']['needs']): Token {
  if (isGood(sql, token.name)) {
    throw new Refusal({ code: 'identity_taken', what: 'name' })
  }
  if (sql.has('SELECT 1 FROM tokens WHERE id = ?', token.id) || tokenOfHash(sql, token.hash)) {
    throw new Refusal({ code: 'identity_taken', what: 'id' })
  }
  const { good } = sql.one<{ good: number }>('SELECT count(*) AS good FROM tokens WHERE revoked = 0')!
  if (good >= LIMITS.tokens) throw new Refusal({ code: 'limit_reached', what: 'tokens', limit: LIMITS.tokens })
  const created: Token = { ...defined(token), createdAt: now }
  sql.run(
    'INSERT INTO tokens (id, name, hash, revoked, token) VALUES (?, ?, ?, 0, ?)',
    token.id,
    token.name,
    token.hash,
    JSON.stringify(created),
  )
  return created
}

export function revokeToken(transaction: Transaction, { name, from }: Commands['revokeToken']['needs']) {
  const { sql, now } = transaction
  const begun = from ?? (isGood(sql, name) ? undefined : unfinished(sql, name))
  const token =
    begun === undefined ? replace(sql, name, present => ({ ...present, revokedAt: now })) : known(sql, begun)
  const granted = livingGrantedBy(sql, token.id).map(id => ({ id, reason: ENDED.tokenRevoked }))
  const { ended } = endSome(transaction, granted)
  for (const session of ended) append(transaction, { event: departure(session, ENDED.tokenRevoked) })
  return defined({ token, ended, next: ended.length < granted.length ? token.id : undefined })
}

function isGood(sql: Sql, name: string): boolean {
  return sql.has('SELECT 1 FROM tokens WHERE name = ? AND revoked = 0', name)
}

/** A token of this name whose revocation broke off between two pieces. */
function unfinished(sql: Sql, name: string): string | undefined {
  return sql.one<{ id: string }>(
    `SELECT id FROM tokens t WHERE name = ? AND revoked = 1
     AND EXISTS (SELECT 1 FROM sessions WHERE grantor = t.id AND gone = 0 AND grantor <> '${OPERATOR_ID}') ORDER BY num LIMIT 1`,
    name,
  )?.id
}

/** Sessions that live though their token is revoked. */
export function orphans(sql: Sql, limit: number): string[] {
  return sql
    .all<{ id: string }>(
      `SELECT s.id FROM tokens t CROSS JOIN sessions s ON s.grantor = t.id
       WHERE t.revoked = 1 AND s.gone = 0 AND s.grantor <> '${OPERATOR_ID}' ORDER BY t.num, s.num LIMIT ?`,
      limit,
    )
    .map(row => row.id)
}

/** Revoked or not. */
function known(sql: Sql, id: string): Token {
  const row = sql.one<TokenRow>('SELECT id, token FROM tokens WHERE id = ?', id)
  if (row === undefined) throw new Refusal({ code: 'not_found', what: 'token' })
  return parsed(row)
}

export function narrowToken({ sql }: Transaction, { name, scopes }: Commands['narrowToken']['needs']) {
  const token = replace(sql, name, present => ({
    ...present,
    scopes: present.scopes.filter(scope => scopes.includes(scope)),
  }))
  return { token, sessionIds: livingGrantedBy(sql, token.id) }
}

function replace(sql: Sql, name: string, change: (present: Token) => Token): Token {
  const row = sql.one<TokenRow>('SELECT id, token FROM tokens WHERE name = ? AND revoked = 0', name)
  if (row === undefined) throw new Refusal({ code: 'not_found', what: 'token' })
  const changed = change(parsed(row))
  const revoked = changed.revokedAt === undefined ? 0 : 1
  sql.run('UPDATE tokens SET revoked = ?, token = ? WHERE id = ?', revoked, JSON.stringify(changed), row.id)
  return changed
}

export function validToken(sql: Sql, id: string): Token | undefined {
  const row = sql.one<TokenRow>('SELECT id, token FROM tokens WHERE id = ? AND revoked = 0', id)
  return row && parsed(row)
}

export function tokenOfHash(sql: Sql, hash: string): Token | undefined {
  const row = sql.one<TokenRow>('SELECT id, token FROM tokens WHERE hash = ? AND revoked = 0', hash)
  return row && parsed(row)
}

/** In the order in which they were made. */
export function tokens(sql: Sql): Token[] {
  return sql.all<TokenRow>('SELECT id, token FROM tokens ORDER BY num').map(parsed)
}
