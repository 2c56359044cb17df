import { type Claimed, claimsMeet, foldCase } from '../bus/claim.ts'
import { firstNames } from '../bus/glob.ts'
import { LIMITS } from '../bus/limits.ts'
import type { Session } from '../bus/session.ts'
import { Steps } from '../bus/steps.ts'
import type { StoreReads } from '../bus/store-reads.ts'

interface Overlap {
  readonly session: string
  readonly path: string
  readonly their_path: string
}

interface Overlaps {
  /** By session id. */
  readonly bySession: ReadonlyMap<string, readonly Overlap[]>
  /** Whether everything was compared and all that was found is here. */
  readonly areAll: boolean
}

/** Paths compared for one list, and overlaps shown of one session and of all. */
const MAX_HOLDINGS = 2_000
const MAX_OF_ONE = 20
const MAX_OVERLAPS = 500

interface Holding extends Claimed {
  readonly session: Session
  readonly area: string
}

/** Whose owned globs or claims meet. Only sessions of one repo can get in each other's way. */
export async function overlapsAmong(store: StoreReads, sessions: readonly Session[]): Promise<Overlaps> {
  const steps = new Steps(LIMITS.matchSteps)
  const { holdings, areAll } = await holdingsOf(store, sessions)
  const bySession = new Map<string, Overlap[]>()
  let count = 0
  let isCut = !areAll
  const add = (mine: Holding, theirs: Holding) => {
    const list = bySession.get(mine.session.id) ?? []
    if (list.length >= MAX_OF_ONE || count >= MAX_OVERLAPS) isCut = true
    else {
      list.push({ session: theirs.session.name, path: mine.path, their_path: theirs.path })
      bySession.set(mine.session.id, list)
      count++
    }
  }
  for (const [one, other] of neighbours(holdings, steps)) {
    if (!steps.take() || (isCut && count >= MAX_OVERLAPS)) break
    if (one.session.id === other.session.id) continue
    const meet = claimsMeet(one, other, steps)
    // Here it is no answer to say of what could not be compared that it meets.
    if (!meet || steps.areUsedUp) continue
    add(one, other)
    add(other, one)
  }
  return { bySession, areAll: !isCut && !steps.areUsedUp }
}

async function holdingsOf(store: StoreReads, sessions: readonly Session[]) {
  const holdings: Holding[] = []
  for (const session of sessions) {
    if (session.endedAt !== undefined) continue
    const owned = session.repo === undefined ? [] : session.owns.map(path => ({ session, area: session.repo!, path }))
    const claims = await store.claims({ sessionId: session.id, limit: LIMITS.sessionClaims })
    holdings.push(...owned, ...claims.map(claim => ({ ...claim, session })))
    if (holdings.length > MAX_HOLDINGS) break
  }
  return { holdings: holdings.slice(0, MAX_HOLDINGS), areAll: holdings.length <= MAX_HOLDINGS }
}

/** The pairs that could meet at all: of one area, and beginning with the same name or one of them with a wildcard. */
function* neighbours(holdings: readonly Holding[], steps: Steps): Iterable<[Holding, Holding]> {
  const before = new Map<string, Holding[]>()
  const those = (area: string, what: string): Holding[] => {
    const key = JSON.stringify([area, what])
    const found = before.get(key) ?? []
    before.set(key, found)
    return found
  }
  for (const holding of holdings) {
    const names = firstNames(holding.path, steps)?.map(foldCase)
    const [all, wild] = [those(holding.area, 'all'), those(holding.area, 'wild')]
    const alike = [...new Set(names)].map(name => those(holding.area, `name ${name}`))
    for (const other of names === undefined ? all : new Set([...wild, ...alike.flat()])) yield [other, holding]
    for (const list of names === undefined ? [all, wild] : [all, ...alike]) list.push(holding)
  }
}
