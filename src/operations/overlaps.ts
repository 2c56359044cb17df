import { claimsMeet } from '../bus/claim.ts'
import type { Session } from '../bus/session.ts'
import type { Store } from '../bus/store.ts'

interface Overlap {
  readonly session: string
  readonly path: string
  readonly their_path: string
}

/** Whose owned globs or claims meet, by session id. Only sessions of one repo can get in each other's way. */
export async function overlapsAmong(store: Store, sessions: readonly Session[]): Promise<Map<string, Overlap[]>> {
  const holdings = await holdingsOf(store, sessions)
  const overlaps = new Map<string, Overlap[]>()
  for (const mine of holdings) {
    for (const theirs of holdings) {
      if (mine.session.id === theirs.session.id || mine.area !== theirs.area) continue
      if (!claimsMeet(mine, theirs)) continue
      const list = overlaps.get(mine.session.id) ?? []
      list.push({ session: theirs.session.name, path: mine.path, their_path: theirs.path })
      overlaps.set(mine.session.id, list)
    }
  }
  return overlaps
}

async function holdingsOf(store: Store, sessions: readonly Session[]) {
  const living = new Map(sessions.filter(each => each.endedAt === undefined).map(each => [each.id, each]))
  const claims = await store.claims({})
  return [
    ...[...living.values()].flatMap(session =>
      session.repo === undefined ? [] : session.owns.map(path => ({ session, area: session.repo!, path })),
    ),
    ...claims.flatMap(claim => {
      const session = living.get(claim.sessionId)
      return session === undefined ? [] : [{ ...claim, session }]
    }),
  ]
}
