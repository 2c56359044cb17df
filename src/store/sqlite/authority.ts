import { type Authority, type Lapse, lapseOf, OPERATOR_ID } from '../../bus/access.ts'
import type { Sql } from './sql.ts'
import { validToken } from './tokens.ts'

/** Asked in the transaction that would act on it, so that no earlier commit in the same one is missed. */
export function lapse(sql: Sql, authority: Authority): Lapse | undefined {
  if (authority.kind === 'token') return lapseOf(authority, undefined, validToken(sql, authority.id))
  const row = sql.one<{ grantor: string; gone: number }>(
    'SELECT grantor, gone FROM sessions WHERE id = ?',
    authority.id,
  )
  const session = row && { grantor: row.grantor, hasEnded: row.gone === 1 }
  const isOperators = row === undefined || row.grantor === OPERATOR_ID
  return lapseOf(authority, session, isOperators ? undefined : validToken(sql, row.grantor))
}
