import { OPERATOR_ID } from '../../bus/access.ts'
import { type Claim, type ClaimQuery, claimTest, isDueForRenewal, newClaim, renewClaim } from '../../bus/claim.ts'
import { defined } from '../../bus/defined.ts'
import { LIMITS } from '../../bus/limits.ts'
import type { Commands } from '../../bus/store.ts'
import { Refusal } from './refusal.ts'
import { sessionIn } from './sessions.ts'
import { byText, joined, type Tables } from './tables.ts'

function inForce(tables: Tables, now: number): Claim[] {
  return [...tables.claims.values()].filter(claim => claim.expiresAt > now)
}

function claimAt(tables: Tables, now: number, area: string, path: string): Claim | undefined {
  return inForce(tables, now).find(claim => claim.area === area && claim.path === path)
}

export function claim(tables: Tables, now: number, needs: Commands['claim']['needs']) {
  const { area, path, sessionId, note, token, ttlMs, maxGranted } = needs
  if (sessionIn(tables, sessionId).endedAt !== undefined) throw new Refusal({ code: 'not_found', what: 'session' })
  const present = claimAt(tables, now, area, path)
  const isOwn = present?.sessionId === sessionId
  if (token !== undefined && !(isOwn && present?.token === token)) {
    throw new Refusal({ code: 'stale_token', claim: present })
  }
  if (present && isOwn) {
    return { claim: put(tables, renewClaim({ ...present, ...defined({ note }) }, now, ttlMs)), renewed: true }
  }
  const held = inForce(tables, now)
  if (held.filter(other => other.area === area).length >= LIMITS.areaClaims) {
    throw new Refusal({ code: 'limit_reached', what: 'areaClaims', limit: LIMITS.areaClaims })
  }
  const holder = held
    .filter(other => other.area === area && other.sessionId !== sessionId)
    .sort((a, b) => a.token - b.token)
    .find(claimTest({ meets: needs }))
  if (holder) throw new Refusal({ code: 'claim_held', claim: holder })
  const { grantor } = sessionIn(tables, sessionId)
  const isGranted = (other: Claim) =>
    grantor !== OPERATOR_ID && tables.sessions.get(other.sessionId)?.grantor === grantor
  if (maxGranted !== undefined && held.filter(isGranted).length >= maxGranted) {
    throw new Refusal({ code: 'limit_reached', what: 'grantedClaims', limit: maxGranted })
  }
  if (held.filter(own => own.sessionId === sessionId).length >= LIMITS.sessionClaims) {
    throw new Refusal({ code: 'limit_reached', what: 'claims', limit: LIMITS.sessionClaims })
  }
  const next = tables.counters.claimToken + 1
  tables.counters = { ...tables.counters, claimToken: next }
  return { claim: put(tables, newClaim(needs, next, now)), renewed: false }
}

function put(tables: Tables, claim: Claim): Claim {
  tables.claims.set(joined(claim.area, claim.path), claim)
  return claim
}

export function renewClaims(tables: Tables, now: number, { sessionId }: Commands['renewClaims']['needs']) {
  const due = inForce(tables, now).filter(claim => claim.sessionId === sessionId && isDueForRenewal(claim, now))
  for (const claim of due) put(tables, renewClaim(claim, now))
  return { renewed: due.length }
}

export function moveClaims(tables: Tables, now: number, { area, to, sessionId }: Commands['moveClaims']['needs']) {
  const moved: Claim[] = []
  const lost: Claim[] = []
  for (const claim of claimsOf(tables, now, { area, limit: Number.POSITIVE_INFINITY })) {
    if (area === to || claim.sessionId !== sessionId) continue
    const there = claimAt(tables, now, to, claim.path)
    const goesFirst =
      there === undefined || (claim.token < there.token && grantorOf(tables, there) === grantorOf(tables, claim))
    if (there !== undefined) lost.push(goesFirst ? there : claim)
    tables.claims.delete(joined(area, claim.path))
    if (goesFirst) moved.push(put(tables, { ...claim, area: to }))
  }
  return { moved, lost }
}

const grantorOf = (tables: Tables, { sessionId }: Claim) => sessionIn(tables, sessionId).grantor

export function release(tables: Tables, now: number, needs: Commands['release']['needs']): Claim {
  const { area, path, sessionId, token } = needs
  const present = claimAt(tables, now, area, path)
  if (token !== undefined && present?.token !== token) throw new Refusal({ code: 'stale_token', claim: present })
  if (present === undefined || (sessionId !== undefined && present.sessionId !== sessionId)) {
    throw new Refusal({ code: 'not_found', what: 'claim' })
  }
  tables.claims.delete(joined(area, path))
  return present
}

export function claimsOf(tables: Tables, now: number, query: ClaimQuery): Claim[] {
  return inForce(tables, now)
    .filter(claim => query.area === undefined || claim.area === query.area)
    .filter(claim => query.sessionId === undefined || claim.sessionId === query.sessionId)
    .filter(claim => query.notSessionId === undefined || claim.sessionId !== query.notSessionId)
    .sort((a, b) => byText(a.path, b.path) || byText(a.area, b.area))
    .filter(claimTest(query))
    .slice(0, query.limit)
}
