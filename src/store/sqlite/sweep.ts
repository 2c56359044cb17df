import type { Session } from '../../bus/session.ts'
import type { Commands } from '../../bus/store.ts'
import { forgetOldKeys } from './keys.ts'
import { endSession, silentSince } from './sessions.ts'
import type { Transaction } from './transaction.ts'

/** Also forgets what has run out: old keys and expired claims. */
export function sweep(transaction: Transaction, { silentMs }: Commands['sweep']['needs']): { ended: Session[] } {
  const { sql, now } = transaction
  const ended = silentSince(sql, now - silentMs).map(id => endSession(transaction, { id, reason: 'silent' }).session)
  forgetOldKeys(transaction)
  sql.run('DELETE FROM claims WHERE expires_at <= ?', now)
  return { ended }
}
