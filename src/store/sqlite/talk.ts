import type { StoredEvent } from '../../bus/event.ts'
import { afterShown, type Talk, talkAt, withChain } from '../../bus/loops.ts'
import type { Commands } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

/** Beside the session's JSON: it changes with every letter, and nothing else of the session does. */
export function talkOf(sql: Sql, sessionId: string): Talk | undefined {
  const row = sql.one<{ talk: string | null }>('SELECT talk FROM sessions WHERE id = ?', sessionId)
  if (row === undefined) return undefined
  return row.talk === null ? { begunAt: 0 } : JSON.parse(row.talk)
}

function put(sql: Sql, sessionId: string, talk: Talk): void {
  sql.run('UPDATE sessions SET talk = ? WHERE id = ?', JSON.stringify(talk), sessionId)
}

export function showIn({ sql, now }: Transaction, sessionId: string, shown: readonly StoredEvent[], until?: number) {
  const before = talkOf(sql, sessionId)
  if (before !== undefined && shown.length > 0)
    put(sql, sessionId, afterShown(talkAt(before, now), shown, sessionId, until))
}

export function continueTalk({ sql, now }: Transaction, needs: Commands['continueTalk']['needs']): null {
  const before = talkOf(sql, needs.sessionId)
  if (before !== undefined) put(sql, needs.sessionId, withChain(talkAt(before, now), needs.chain))
  return null
}

export function beginTalk({ sql, log }: Transaction, { sessionId }: Commands['beginTalk']['needs']): null {
  put(sql, sessionId, { begunAt: log.newest })
  return null
}

export function beginTalks(
  { sql, log, pieceRows }: Transaction,
  { root, from = 0 }: Commands['beginTalks']['needs'],
): Commands['beginTalks']['gives'] {
  const nums = sql.all<{ num: number }>('SELECT num FROM sessions WHERE num > ? ORDER BY num LIMIT ?', from, pieceRows)
  const last = nums.at(-1)?.num ?? from
  sql.run(
    "UPDATE sessions SET talk = ? WHERE num > ? AND num <= ? AND json_extract(talk, '$.chain.root') = ?",
    JSON.stringify({ begunAt: log.newest } satisfies Talk),
    from,
    last,
    root,
  )
  return nums.length < pieceRows ? {} : { next: last }
}
