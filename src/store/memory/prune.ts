import { OPERATOR_ID } from '../../bus/access.ts'
import { hasExpired } from '../../bus/event.ts'
import type { Commands } from '../../bus/store.ts'
import { awaits, awaitsDirect } from './inbox.ts'
import { copied, type Tables } from './tables.ts'

export function prune(tables: Tables, now: number, needs: Commands['prune']['needs']) {
  return remove(needs.dryRun ? copied(tables) : tables, now, needs)
}

function remove(tables: Tables, now: number, needs: Commands['prune']['needs']) {
  const { sessions, undeliverable } =
    needs.forgetEndedMs === undefined
      ? { sessions: 0, undeliverable: [] }
      : forgetSessions(tables, now, now - needs.forgetEndedMs)
  const all = [...tables.events.values()]
  const isOld = (at: number) => needs.olderThanMs !== undefined && at < now - needs.olderThanMs
  const beyond = needs.keepNewest === undefined ? [] : all.slice(0, Math.max(0, all.length - needs.keepNewest))
  const candidates = all.filter(event => isOld(event.at) || beyond.includes(event))
  const kept = candidates.filter(
    event => !hasExpired(event, now) && [...tables.sessions.keys()].some(id => awaits(tables, event, id)),
  )
  const pruned = candidates.filter(event => !kept.includes(event)).map(event => event.id)
  for (const id of pruned) tables.events.delete(id)
  for (const [key, delivery] of tables.deliveries) {
    if (!tables.events.has(delivery.eventId)) tables.deliveries.delete(key)
  }
  tables.lost.splice(0, tables.lost.length, ...tables.lost.filter(each => tables.events.has(each.eventId)))
  const prunedUpTo = Math.max(tables.counters.prunedUpTo, ...pruned)
  tables.counters = { ...tables.counters, prunedUpTo }
  return { events: pruned.length, sessions, keptUnread: kept.length, undeliverable: needs.dryRun ? [] : undeliverable }
}

function forgetSessions(tables: Tables, now: number, endedUpTo: number) {
  const forgotten = [...tables.sessions.values()].filter(
    session => session.id !== OPERATOR_ID && session.endedAt !== undefined && session.endedAt <= endedUpTo,
  )
  const undeliverable: Commands['prune']['gives']['undeliverable'] = []
  for (const { id, name } of forgotten) {
    for (const event of tables.events.values()) {
      if (!awaitsDirect(tables, event, id) || hasExpired(event, now)) continue
      tables.lost.push({ eventId: event.id, sessionId: id, sessionName: name })
      undeliverable.push({ eventId: event.id, senderId: event.senderId, sessionName: name })
    }
    tables.sessions.delete(id)
    tables.cursors.delete(id)
    tables.talks.delete(id)
    for (const [key, each] of tables.subscriptions) if (each.sessionId === id) tables.subscriptions.delete(key)
    for (const [key, each] of tables.deliveries) if (each.sessionId === id) tables.deliveries.delete(key)
  }
  return { sessions: forgotten.length, undeliverable }
}
