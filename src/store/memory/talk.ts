import type { StoredEvent } from '../../bus/event.ts'
import { afterShown, type Talk, talkAt, withChain } from '../../bus/loops.ts'
import type { Commands } from '../../bus/store.ts'
import type { Tables } from './tables.ts'

const NOTHING_YET: Talk = { begunAt: 0 }

export function talkOf(tables: Tables, sessionId: string): Talk | undefined {
  return tables.sessions.has(sessionId) ? (tables.talks.get(sessionId) ?? NOTHING_YET) : undefined
}

export function showIn(tables: Tables, now: number, sessionId: string, shown: readonly StoredEvent[], until?: number) {
  const before = talkOf(tables, sessionId)
  if (before !== undefined && shown.length > 0)
    tables.talks.set(sessionId, afterShown(talkAt(before, now), shown, sessionId, until))
}

export function continueTalk(tables: Tables, now: number, needs: Commands['continueTalk']['needs']): null {
  const before = talkOf(tables, needs.sessionId)
  if (before !== undefined) tables.talks.set(needs.sessionId, withChain(talkAt(before, now), needs.chain))
  return null
}

export function beginTalk(tables: Tables, _: number, { sessionId }: Commands['beginTalk']['needs']): null {
  if (tables.sessions.has(sessionId)) tables.talks.set(sessionId, { begunAt: tables.counters.newest })
  return null
}

export function beginTalks(
  tables: Tables,
  _: number,
  { root }: Commands['beginTalks']['needs'],
): Commands['beginTalks']['gives'] {
  for (const [id, { chain }] of tables.talks) {
    if (chain?.root === root) tables.talks.set(id, { begunAt: tables.counters.newest })
  }
  return {}
}
