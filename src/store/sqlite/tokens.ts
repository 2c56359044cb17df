import { defined } from '../../bus/defined.ts'
import type { Commands, Token } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import { Refusal, type Transaction } from './transaction.ts'

interface TokenRow {
  readonly token: string
}

const parsed = (row: TokenRow): Token => JSON.parse(row.token)

export function putToken({ sql, now }: Transaction, { token }: Commands['putToken']['needs']): Token {
  if (sql.has('SELECT 1 FROM tokens WHERE name = ? AND revoked = 0', token.name)) {
    throw new Refusal({ code: 'identity_taken', what: 'name' })
  }
  if (tokenOfHash(sql, token.hash)) throw new Refusal({ code: 'identity_taken', what: 'id' })
  const created: Token = { ...defined(token), createdAt: now }
  sql.run(
    'INSERT INTO tokens (name, hash, revoked, token) VALUES (?, ?, 0, ?)',
    token.name,
    token.hash,
    JSON.stringify(created),
  )
  return created
}

export function revokeToken({ sql, now }: Transaction, { name }: Commands['revokeToken']['needs']): Token {
  const row = sql.one<TokenRow>('SELECT token FROM tokens WHERE name = ? AND revoked = 0', name)
  if (row === undefined) throw new Refusal({ code: 'not_found', what: 'token' })
  const revoked: Token = { ...parsed(row), revokedAt: now }
  sql.run('UPDATE tokens SET revoked = 1, token = ? WHERE name = ? AND revoked = 0', JSON.stringify(revoked), name)
  return revoked
}

export function tokenOfHash(sql: Sql, hash: string): Token | undefined {
  const row = sql.one<TokenRow>('SELECT token FROM tokens WHERE hash = ? AND revoked = 0', hash)
  return row && parsed(row)
}

/** In the order in which they were made. */
export function tokens(sql: Sql): Token[] {
  return sql.all<TokenRow>('SELECT token FROM tokens ORDER BY num').map(parsed)
}
