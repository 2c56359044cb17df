import { type Chain, longer, type Talk, UNREPORTED_WORK_MS } from '../bus/loops.ts'
import type { Session } from '../bus/session.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import type { Call } from './operation.ts'

/** Sessions of a token that are looked at, the last seen first. */
const MAX_SESSIONS = 20

/**
 * For the commit that makes a session. A fork's context holds what its parent was shown. A session that comes back under
 * the same name without its client id goes on with what it was shown before, and so does a token under another name.
 */
export async function inheritedTalk(
  call: Call,
  session: Session | Omit<Session, 'registeredAt' | 'seenAt'>,
  parent?: Session,
) {
  const { store } = call.bus
  const chain = parent ? (await store.talk(parent.id))?.chain : await chainBefore(call, session)
  return chain === undefined ? [] : [{ kind: 'continueTalk', sessionId: session.id, chain } as const]
}

async function chainBefore(
  call: Call,
  { name, machine }: Pick<Session, 'name' | 'machine'>,
): Promise<Chain | undefined> {
  const { store } = call.bus
  const called = (await store.sessionsCalled(name)).filter(each => each.name === name && each.machine === machine)
  const [left] = called.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
  const chain = left && (await store.talk(left.id))?.chain
  const { chain: ofToken } = await talkOfToken(call)
  if (chain === undefined) return ofToken
  // Nobody knows whether it is the same agent, and whether it has hooks.
  return longer(ofToken, { ...chain, until: (await store.now()) + UNREPORTED_WORK_MS })
}

/** Of a token: what those of its sessions were shown that cannot report what they do, for it may speak for each. */
export async function talkOfToken({ caller, bus: { store } }: Call): Promise<Talk> {
  if (caller.kind !== 'token') return { begunAt: 0 }
  const chains = (await sessionsOf(store, caller)).map(async ({ id }) => (await store.talk(id))?.chain ?? [])
  const recent = (await Promise.all(chains)).flat().filter(({ until }) => until !== undefined)
  const chain = recent.reduce<Chain | undefined>(longer, undefined)
  return { begunAt: 0, ...(chain && { chain }) }
}

async function sessionsOf(store: StoreReads, { grantor, machine }: Call['caller']): Promise<Session[]> {
  const here = machine === undefined ? {} : { machine }
  const found = await store.sessions({ ...here, includeEnded: true, limit: MAX_SESSIONS })
  return found.filter(session => session.grantor === grantor)
}
