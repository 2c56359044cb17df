import { defined } from '../../bus/defined.ts'
import { charsOfEvent, passes, type StoredEvent, searchWords } from '../../bus/event.ts'
import { pageOf } from '../../bus/page.ts'
import type { Commands } from '../../bus/store.ts'
import type { EventPage, EventQuery } from '../../bus/store-reads.ts'
import { answer, hold } from './inbox.ts'
import { Refusal } from './refusal.ts'
import { sessionIn } from './sessions.ts'
import type { Tables } from './tables.ts'

export function append(tables: Tables, now: number, { event }: Commands['append']['needs']): StoredEvent {
  const answered = event.replyTo === undefined ? undefined : tables.events.get(event.replyTo)
  if (event.replyTo !== undefined && answered === undefined) throw new Refusal({ code: 'not_found', what: 'event' })
  const id = tables.counters.newest + 1
  const senderName = event.senderName ?? sessionIn(tables, event.senderId).name
  const stored: StoredEvent = { id, at: now, ...defined({ ...event, senderName }) }
  tables.counters = { ...tables.counters, newest: id }
  tables.events.set(id, stored)
  if (stored.held !== undefined) hold(tables, stored)
  if (answered) answer(tables, now, answered, stored)
  return stored
}

export function eventsOf(tables: Tables, query: EventQuery): EventPage {
  const words = searchWords(query.query ?? '')
  const found = [...tables.events.values()]
    .filter(event => query.after === undefined || event.id > query.after)
    .filter(event => query.before === undefined || event.id < query.before)
    .filter(event => passes(event, query))
    .filter(event => words.length === 0 || hasWords(event, words))
  if (query.order === 'desc') found.reverse()
  const events = pageOf(found.slice(0, query.limit), charsOfEvent, query.maxChars)
  return { events, more: found.length > events.length }
}

function hasWords(event: StoredEvent, words: readonly string[]): boolean {
  const text = [event.text, event.title ?? '', event.type, ...(event.tags ?? [])].join(' ')
  const present = new Set(searchWords(text))
  return words.every(word => present.has(word))
}

export function boundsOf(tables: Tables) {
  const [oldest] = tables.events.keys()
  return { oldest: oldest ?? 0, newest: tables.counters.newest, prunedUpTo: tables.counters.prunedUpTo }
}
