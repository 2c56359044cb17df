import { OPERATOR_ID } from '../bus/access.ts'
import type { StoredEvent } from '../bus/event.ts'
import { heldByHops } from '../bus/loops.ts'
import { type Said, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { NewEvent } from '../bus/store.ts'
import { BUDGET_MS, heldByBudget } from '../bus/wake-budget.ts'
import { committed } from './commit.ts'
import { noticeTo } from './notices.ts'
import type { Call } from './operation.ts'
import { shownName } from './require-session.ts'

export interface Hold {
  readonly reason: Said
  /** What the operator is told of once, however many messages it holds. */
  readonly notice: string
}

type Outgoing = Pick<NewEvent, 'senderId' | 'channels' | 'hops' | 'root' | 'level' | 'urgency'>

/**
 * Why this message is to be held, or undefined. What reaches no agent (bookkeeping, words to the operator) never is, and
 * neither is the operator, who has looked at what those that it writes to are doing.
 */
export async function heldBecause(
  call: Call,
  event: Outgoing,
  reached: { readonly named: readonly Session[]; readonly followers: readonly Session[] },
  now: number,
): Promise<Hold | undefined> {
  const { store, wakes } = call.bus
  const named = reached.named.map(({ id }) => id)
  const followers = reached.followers.map(({ id }) => id)
  if (event.senderId === OPERATOR_ID) {
    wakes.forgive([...named, ...followers])
    return undefined
  }
  if (event.level === 'lifecycle' || event.channels.every(channel => channel === `session:${OPERATOR_ID}`)) return
  const byHops = heldByHops(event.hops)
  if (byHops !== undefined) return { reason: byHops, notice: `chain ${event.root}` }
  // An `inbox` that waits ends with any message; a follower that does not wait sleeps on.
  const woken = new Set(event.urgency === 'quiet' ? named : [...named, ...followers])
  woken.delete(event.senderId)
  if (woken.size === 0) return undefined
  const exceeded = wakes.note(event.senderId, [...woken], now)
  if (exceeded === undefined) return undefined
  const { key, other } = exceeded
  const otherSession = other === undefined ? undefined : await store.session(other)
  const otherName = otherSession ? shownName(call, otherSession) : other && 'another'
  return { reason: heldByBudget(otherName), notice: `budget ${key} ${Math.floor(now / BUDGET_MS)}` }
}

/** The sender is told by its answer. The operator, who alone can let the message through, is told by a message. */
export async function tellOperator(call: Call, held: StoredEvent, hold: Hold, named: readonly Session[]) {
  const to = named.length === 0 ? held.channels : named.map(session => session.name)
  const text = say`Message ${held.id} from ${held.senderName} to ${to} is held: ${hold.reason}. \`switchboard continue ${held.id}\` lets it through. More like it are held without a notice.`
  const once = { scope: 'held notice', key: hold.notice, fingerprint: '' }
  const notice = { kind: 'append', event: noticeTo(OPERATOR_ID, text, held.id) } as const
  committed(await call.commit([notice], once))
}
