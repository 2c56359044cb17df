import { z } from 'zod'
import { trustOf } from '../bus/access.ts'
import { ageOf } from '../bus/age.ts'
import { defined } from '../bus/defined.ts'
import { isUrgent, type StoredEvent, urgentFirst, wireEvent } from '../bus/event.ts'
import { digest, drawNonce, fitting, LETTER_BUDGET_CHARS, type Letter, noticeOf, preambleOf } from '../bus/letter.ts'
import { LIMITS } from '../bus/limits.ts'
import type { ResultOf } from '../bus/store.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { committed } from './commit.ts'
import { type Call, defineOperation } from './operation.ts'
import { ownSession } from './require-session.ts'
import { eventId, name } from './shapes.ts'
import { continuing, talkUntilReported } from './talk.ts'

/** More never fit into the budget: the shortest fence takes about 100 characters. */
const MAX_LETTERS = 90

/** Room that is kept for the digest where not everything fits. */
const DIGEST_CHARS = 1_200

/** What an event holds beside what its letter shows takes less. */
const UNSHOWN_BYTES = 2_000

interface Unread {
  readonly messages: readonly StoredEvent[]
  readonly pending: number
}

/** What is urgent comes first, so where the first of a page is not, none is. */
function mayRing({ messages }: Unread): boolean {
  return messages.some(isUrgent)
}

/** What is unread, and whether any of it may ring. */
export async function mailOf(store: StoreReads, sessionId: string) {
  const [unread, { newest }] = await Promise.all([store.unread(sessionId, 1, 'urgent'), store.bounds()])
  return { unread: unread.pending, urgent: mayRing(unread), newest }
}

const begun = z
  .boolean()
  .optional()
  .describe('a person has prompted the agent, or it has worked, since it was last given anything')

const events = z.array(eventId).max(LIMITS.provedEvents).describe('which were read; others that are leased stay so')

export const collect = defineOperation({
  name: 'collect',
  title: 'Lease the letters that a hook puts before its model',
  description:
    'For session processes: unread messages, the urgent first and of those the oldest, fenced, as many as fit into the budget, and a digest of the rest.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({
    route: name.describe('how they reach the model, e.g. prompt hook'),
    read: z.strictObject({ proof: name, events }).optional().describe('what settle takes, in the same commit'),
    begun,
    budget_chars: z.int().min(2_000).max(LETTER_BUDGET_CHARS).optional(),
    urgent_only: z
      .boolean()
      .optional()
      .describe('nothing, unless something unread may ring; no letters, unless one of them may'),
  }),
  output: z.object({
    text: z.string(),
    notice: z.string().optional().describe('one line for the person at the terminal: who wrote, and what about'),
    events: z.array(z.int()).describe('whose letters these are'),
    pending: z.int().describe('unread beyond these'),
    more: z.boolean().optional().describe('some of those may fit into the next answer'),
    urgent: z.boolean().describe('some of those may ring'),
    rings: z.boolean().describe('some of these may ring, should they not be shown at once'),
    newest: z.int().describe('the newest event id when they were counted'),
    newest_urgent: z.int().optional().describe('the newest of the rest that may ring; none where not all are known'),
  }),
  command: {},
  async run(call, input) {
    const { store } = call.bus
    const session = ownSession(call)
    const [unread, { newest }, now] = await Promise.all([
      store.unread(session.id, MAX_LETTERS, 'urgent'),
      store.bounds(),
      store.now(),
    ])
    const isWanted = mayRing(unread) || !(input.urgent_only ?? false)
    const { pending } = unread
    const budgetChars = input.budget_chars ?? LETTER_BUDGET_CHARS
    const short = isWanted ? await shortBehind(store, session.id, unread, budgetChars) : []
    const messages = urgentFirst([...unread.messages, ...short])
    const letters = isWanted ? await Promise.all(messages.map(event => letterOf(store, event, now))) : []
    const nonce = nonceFor(call, session.id)
    const chosen = choose(letters, { pending, budgetChars, nonce, needsUrgent: input.urgent_only ?? false })
    const until = input.begun ? {} : await talkUntilReported(store, session.id)
    const chosenIds = chosen.shown.map(({ id }) => id)
    const lease = { limit: chosenIds.length, events: chosenIds, route: input.route }
    const offer = { kind: 'offer', sessionId: session.id, ...lease, ...until } as const
    const injected = { chars: chosen.text.length, messages: chosenIds.length }
    const paid = { kind: 'updateSession', id: session.id, patch: {}, injected } as const
    const before = [
      ...(input.read === undefined ? [] : [proofOf(session.id, input.read)]),
      ...(input.begun ? [{ kind: 'beginTalk', sessionId: session.id } as const] : []),
    ]
    if (letters.length === 0 && call.key === undefined) {
      if (before.length > 0) committed(await call.commit(before))
      return { text: '', events: [], pending, urgent: mayRing(unread), rings: false, newest }
    }
    // What a digest tells of may be answered, too.
    const told = isWanted ? continuing(session.id, leftOf(messages, chosenIds), until.talkUntil) : []
    // A retry whose first answer was lost must get those very letters, also where nothing is unread any more; and its
    // proof is of what came before them, so it is in the same commit.
    const commit = await call.commit([...before, offer, ...told, ...(letters.length === 0 ? [] : [paid])], call.key)
    const offered = committed(commit)[before.length] as ResultOf<typeof offer>
    if (letters.length > 0) call.bus.wakes.tookMail(session.id)
    const repeats = new Set(offered.repeats)
    const given = await Promise.all(offered.messages.map(event => letterOf(store, event, now, repeats.has(event.id))))
    const ids = given.map(({ id }) => id)
    const rest = leftOf(messages, ids)
    const left = leftUnread(commit.ok && commit.replayed, pending, offered)
    const others = isWanted ? leftOf(letters, ids) : []
    // Behind a page of nothing else there may be more.
    const mayBeBehind = messages.length < pending && unread.messages.every(isUrgent)
    return {
      text: textOf(given, others, left, nonce),
      ...(given.length + others.length === 0
        ? {}
        : { notice: noticeOf([...given, ...others], given.length + left).text }),
      events: ids,
      pending: left,
      more:
        isFull(unread) ||
        short.length === MAX_LETTERS ||
        others.some(each => fitting([each], budgetChars, nonce).shown.length > 0),
      urgent: rest.some(isUrgent) || mayBeBehind,
      rings: offered.messages.some(isUrgent),
      newest,
      ...(mayBeBehind ? {} : { newest_urgent: Math.max(0, ...rest.filter(isUrgent).map(({ id }) => id)) }),
    }
  },
})

export const settle = defineOperation({
  name: 'settle',
  title: 'Proof that what was offered has been read',
  description: 'For session processes: the agent went on after it was given these, so it read them.',
  toolset: 'hooks',
  scope: 'read',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({ proof: name, events, begun }),
  output: z.object({ consumed: z.int() }),
  command: {},
  async run(call, { begun: hasBegun, ...read }) {
    const { store } = call.bus
    const { id } = ownSession(call)
    const isOpen = await store.hasOpenOffer(id)
    const proof = isOpen ? [proofOf(id, read)] : []
    const begins = hasBegun ? [{ kind: 'beginTalk', sessionId: id } as const] : []
    if (proof.length + begins.length === 0) return { consumed: 0 }
    const [first] = committed(await call.commit([...proof, ...begins]))
    return { consumed: isOpen ? (first as ResultOf<(typeof proof)[number]>).consumed.length : 0 }
  },
})

interface Read {
  readonly proof: string
  readonly events: readonly number[]
}

function proofOf(sessionId: string, read: Read) {
  return { kind: 'confirm', sessionId, ...read } as const
}

/** Drawn anew for each injection; the same for a retry, which is to get the same answer. */
function nonceFor({ bus, key }: Call, sessionId: string): string {
  if (key === undefined) return drawNonce(bus.random)
  // A peer that guessed the key would still lack the hub's secret.
  let hex = bus.digest(`${bus.sessionCredential({ id: sessionId })} ${key.key}`)
  return drawNonce(() => {
    const [head, rest] = [hex.slice(0, 8), hex.slice(8)]
    hex = rest
    return Number.parseInt(head, 16) / 2 ** 32
  })
}

function leftOf<T extends { readonly id: number }>(all: readonly T[], given: readonly number[]): T[] {
  return all.filter(({ id }) => !given.includes(id))
}

/** So many that what follows may fit as well. */
function isFull({ messages, pending }: Unread): boolean {
  return messages.length === MAX_LETTERS && messages.length < pending
}

/** What may fit and lies behind a page that ended because of its characters. */
async function shortBehind(
  store: StoreReads,
  sessionId: string,
  unread: Unread,
  budgetChars: number,
): Promise<StoredEvent[]> {
  if (unread.messages.length === unread.pending || isFull(unread)) return []
  const { messages } = await store.unread(sessionId, MAX_LETTERS, 'urgent', budgetChars + UNSHOWN_BYTES)
  const known = unread.messages.map(({ id }) => id)
  return leftOf(messages, known)
}

/** Without what came after the count: `newest` does not cover it. */
function leftUnread(isReplayed: boolean, pending: number, offered: ResultOf<{ kind: 'offer' }>): number {
  if (isReplayed) return pending
  if (pending === LIMITS.pendingCount) return offered.pending
  return Math.min(offered.pending, pending - offered.messages.length)
}

interface Wanted {
  readonly pending: number
  readonly budgetChars: number
  readonly nonce: string
  readonly needsUrgent: boolean
}

/** Whole letters; where some are left over, their digest has its room kept. `needsUrgent`: none where none of them may ring. */
function choose(
  letters: readonly Letter[],
  { pending, budgetChars, nonce, needsUrgent }: Wanted,
): { text: string; shown: readonly Letter[] } {
  const all = fitting(letters, budgetChars, nonce)
  if (all.shown.length === pending) return all
  const fits = fitting(letters, budgetChars - DIGEST_CHARS, nonce).shown
  const shown = needsUrgent && !fits.some(isUrgent) ? [] : fits
  const rest = leftOf(
    letters,
    shown.map(({ id }) => id),
  )
  return { text: textOf(shown, rest, pending - shown.length, nonce), shown }
}

function textOf(given: readonly Letter[], rest: readonly Letter[], left: number, nonce: string): string {
  const preamble = preambleOf([...given, ...rest]).text
  const { text } = fitting(given, Number.POSITIVE_INFINITY, nonce, preamble)
  if (rest.length === 0) return text
  return `${text === '' ? preamble : text}\n\n${digest(rest, left)}`
}

async function letterOf(store: StoreReads, event: StoredEvent, now: number, isRepeat = false): Promise<Letter> {
  const sender = event.senderId.startsWith('ses_') ? await store.session(event.senderId) : undefined
  return defined({
    ...wireEvent(event),
    trust: trustOf(event.senderId),
    role: sender?.role,
    age: ageOf(event.at, now),
    repeat: isRepeat || undefined,
  })
}
