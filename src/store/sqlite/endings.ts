import type { Session } from '../../bus/session.ts'
import { endSession } from './sessions.ts'
import type { Transaction } from './transaction.ts'

/** A session's own row and its channels; its claims are counted as they are. */
const ROWS_OF_ENDING = 20

/** Ends these, as many as one piece may. */
export function endSome(
  transaction: Transaction,
  leaving: readonly { readonly id: string; readonly reason: string }[],
): { ended: Session[]; rows: number } {
  const ended: Session[] = []
  let rows = 0
  for (const each of leaving) {
    if (rows >= transaction.pieceRows) break
    const { session, releasedClaims } = endSession(transaction, each)
    ended.push(session)
    rows += ROWS_OF_ENDING + releasedClaims
  }
  return { ended, rows }
}
