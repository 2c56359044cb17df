import { OPERATOR_ID } from '../../bus/access.ts'
import type { Claim } from '../../bus/claim.ts'
import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import { isOwnSession } from '../../bus/own-sessions.ts'
import { ENDED, plusInjected, type Session } from '../../bus/session.ts'
import { firstFree } from '../../bus/session-name.ts'
import { patchSession } from '../../bus/session-patch.ts'
import { skeletonOf } from '../../bus/skeleton.ts'
import { type Commands, KEY_MEMORY_MS } from '../../bus/store.ts'
import type { SessionQuery } from '../../bus/store-reads.ts'
import { Refusal } from './refusal.ts'
import { byText, joined, type Tables } from './tables.ts'

export function sessionIn(tables: Tables, id: string): Session {
  const session = tables.sessions.get(id)
  if (session === undefined) throw new Refusal({ code: 'not_found', what: 'session' })
  return session
}

const isHere = (session: Session) => session.endedAt === undefined

/** The last seen first; ties go by id. */
export function bySeen(a: Session, b: Session): number {
  return b.seenAt - a.seenAt || byText(a.id, b.id)
}

export function createSession(tables: Tables, now: number, needs: Commands['createSession']['needs']): Session {
  const { session } = needs
  if (tables.sessions.has(session.id)) throw new Refusal({ code: 'identity_taken', what: 'id' })
  takeClient(tables, session)
  takePlace(tables, session.grantor, needs.maxLiving)
  const created: Session = {
    ...defined(session),
    name: freeName(tables, session),
    codename: freeCodename(tables, session.codename),
    registeredAt: now,
    seenAt: now,
  }
  tables.sessions.set(created.id, created)
  remember(tables, created)
  return created
}

export function updateSession(tables: Tables, now: number, needs: Commands['updateSession']['needs']): Session {
  const before = sessionIn(tables, needs.id)
  const fields: Record<string, unknown> = { ...patchSession(before, needs.patch) }
  if (needs.injected !== undefined) fields.injected = plusInjected(before.injected, needs.injected)
  const isExpelled = before.endReason === ENDED.expelled
  if (needs.readmit && isExpelled) {
    fields.endReason = ENDED.left
    fields.readmissions = (before.readmissions ?? 0) + 1
  }
  if (needs.revive) {
    if (isExpelled && !needs.readmit) throw new Refusal({ code: 'expelled', sessionId: before.id })
    if (!isHere(before)) takePlace(tables, before.grantor, needs.maxLiving)
    delete fields.endedAt
    delete fields.endReason
    fields.seenAt = now
  }
  const wished = fields as unknown as Session
  const isNamedAnew = wished.name !== before.name || !isHere(before)
  const after = isHere(wished) && isNamedAnew ? { ...wished, name: freeName(tables, wished) } : wished
  takeClient(tables, after)
  tables.sessions.set(after.id, after)
  remember(tables, after)
  if (needs.reofferUnproved) {
    for (const [key, delivery] of tables.deliveries) {
      if (delivery.sessionId === after.id) tables.deliveries.set(key, { ...delivery, leased: false })
    }
  }
  return after
}

function takeClient(tables: Tables, session: Pick<Session, 'id' | 'grantor' | 'machine' | 'clientId'>): void {
  const isTaken = [...tables.sessions.values()].some(
    other =>
      other.id !== session.id &&
      other.grantor === session.grantor &&
      other.machine === session.machine &&
      other.clientId === session.clientId,
  )
  if (session.clientId !== undefined && isTaken) throw new Refusal({ code: 'identity_taken', what: 'client' })
}

function freeName(tables: Tables, { id, name }: Pick<Session, 'id' | 'name'>): string {
  const others = [...tables.sessions.values()].filter(other => other.id !== id)
  return firstFree(name, candidate => {
    const look = skeletonOf(candidate)
    return !others.some(other => other.codename === candidate || (isHere(other) && skeletonOf(other.name) === look))
  })
}

function freeCodename(tables: Tables, wished: string): string {
  const all = [...tables.sessions.values()]
  return firstFree(
    wished,
    candidate => !all.some(other => other.codename === candidate || (isHere(other) && other.name === candidate)),
  )
}

function remember(tables: Tables, session: Session): void {
  if (session.repo !== undefined) tables.known.add(joined('repo', session.repo))
  tables.known.add(joined('machine', session.machine))
  if (session.role !== undefined) tables.known.add(joined('role', session.role))
  for (const topic of session.topics) tables.known.add(joined('topic', topic))
}

export function endSession(tables: Tables, now: number, needs: Commands['endSession']['needs']) {
  const session = sessionIn(tables, needs.id)
  if (!isHere(session)) return { session: expelledLate(tables, session, needs.reason), releasedClaims: 0, left: [] }
  const ended: Session = { ...session, endedAt: now, endReason: needs.reason }
  tables.sessions.set(ended.id, ended)
  const released: Claim[] = []
  for (const [key, claim] of tables.claims) {
    if (claim.sessionId !== ended.id) continue
    tables.claims.delete(key)
    if (claim.expiresAt > now) released.push(claim)
  }
  released.sort((a, b) => byText(a.path, b.path) || byText(a.area, b.area))
  const left = released.slice(0, LIMITS.namedClaims).map(({ area, path }) => ({ area, path }))
  return { session: ended, releasedClaims: released.length, left }
}

/** One that had ended by itself, and would have come back so. */
function expelledLate(tables: Tables, session: Session, reason: string): Session {
  if (reason !== ENDED.expelled) return session
  const expelled = { ...session, endReason: reason }
  tables.sessions.set(session.id, expelled)
  return expelled
}

function takePlace(tables: Tables, grantor: string, maxLiving: number | undefined): void {
  if (maxLiving === undefined || livingGrantedBy(tables, grantor).length < maxLiving) return
  throw new Refusal({ code: 'limit_reached', what: 'livingSessions', limit: maxLiving })
}

/** In the order of registration. The operator's are not counted. */
export function livingGrantedBy(tables: Tables, tokenId: string): Session[] {
  if (tokenId === OPERATOR_ID) return []
  return [...tables.sessions.values()].filter(session => isHere(session) && session.grantor === tokenId)
}

export function touch(tables: Tables, now: number, { ids }: Commands['touch']['needs']): null {
  for (const id of ids) {
    const session = tables.sessions.get(id)
    if (session && isHere(session)) tables.sessions.set(id, { ...session, seenAt: now })
  }
  return null
}

/** Also what a revocation that broke off has left, and forgets what has run out: old keys and expired claims. */
export function sweep(tables: Tables, now: number, { silentMs }: Commands['sweep']['needs']): { ended: Session[] } {
  const revoked = tables.tokens.filter(token => token.revokedAt !== undefined)
  const orphaned = revoked
    .flatMap(token => livingGrantedBy(tables, token.id))
    .map(({ id }) => endSession(tables, now, { id, reason: ENDED.tokenRevoked }).session)
  const silent = [...tables.sessions.values()]
    .filter(session => isHere(session) && !isOwnSession(session) && now - session.seenAt >= silentMs)
    .sort(bySeen)
  const ended = [...orphaned, ...silent.map(({ id }) => endSession(tables, now, { id, reason: ENDED.silent }).session)]
  for (const [key, remembered] of tables.keys) if (now - remembered.at > KEY_MEMORY_MS) tables.keys.delete(key)
  for (const [key, claim] of tables.claims) if (claim.expiresAt <= now) tables.claims.delete(key)
  return { ended }
}

export function sessionsOf(tables: Tables, query: SessionQuery): Session[] {
  return [...tables.sessions.values()]
    .filter(session => !isOwnSession(session))
    .filter(session => query.includeEnded === true || isHere(session))
    .filter(session => query.repo === undefined || session.repo === query.repo)
    .filter(session => query.machine === undefined || session.machine === query.machine)
    .sort(bySeen)
    .slice(0, query.limit)
}

export function sessionsCalled(tables: Tables, reference: string): Session[] {
  const all = [...tables.sessions.values()]
  for (const has of [(each: Session) => each.id === reference, (each: Session) => each.codename === reference]) {
    const found = all.filter(has)
    if (found.length > 0) return found
  }
  return all
    .filter(each => each.name === reference)
    .sort((a, b) => Number(isHere(b)) - Number(isHere(a)) || bySeen(a, b))
}

export function known(tables: Tables, kind: string): string[] {
  return [...tables.known]
    .map(each => JSON.parse(each) as [string, string])
    .filter(([ofKind]) => ofKind === kind)
    .map(([, value]) => value)
    .sort(byText)
}
