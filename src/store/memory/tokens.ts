import { defined } from '../../bus/defined.ts'
import { departure } from '../../bus/departure.ts'
import { LIMITS } from '../../bus/limits.ts'
import { ENDED, type Session } from '../../bus/session.ts'
import type { Commands } from '../../bus/store.ts'
import type { Token } from '../../bus/token.ts'
import { append } from './events.ts'
import { Refusal } from './refusal.ts'
import { endSession, livingGrantedBy } from './sessions.ts'
import type { Tables } from './tables.ts'

const isValid = (token: Token) => token.revokedAt === undefined

export function putToken(tables: Tables, now: number, { token }: Commands['putToken']['needs']): Token {
  const valid = tables.tokens.filter(isValid)
  if (valid.some(other => other.name === token.name)) throw new Refusal({ code: 'identity_taken', what: 'name' })
  if (tables.tokens.some(other => other.id === token.id) || valid.some(other => other.hash === token.hash))
    throw new Refusal({ code: 'identity_taken', what: 'id' })
  if (valid.length >= LIMITS.tokens) throw new Refusal({ code: 'limit_reached', what: 'tokens', limit: LIMITS.tokens })
  const created = { ...defined(token), createdAt: now }
  tables.tokens.push(created)
  return created
}

export function revokeToken(tables: Tables, now: number, { name }: Commands['revokeToken']['needs']) {
  const isGood = tables.tokens.some(token => isValid(token) && token.name === name)
  const begun = isGood
    ? undefined
    : tables.tokens.find(token => token.name === name && livingGrantedBy(tables, token.id).length > 0)
  const token = begun ?? replace(tables, name, present => ({ ...present, revokedAt: now }))
  return { token, ended: endGranted(tables, now, token.id) }
}

export function narrowToken(tables: Tables, _now: number, { name, scopes }: Commands['narrowToken']['needs']) {
  const token = replace(tables, name, present => ({
    ...present,
    scopes: present.scopes.filter(scope => scopes.includes(scope)),
  }))
  return { token, sessionIds: livingGrantedBy(tables, token.id).map(({ id }) => id) }
}

/** Ends what has its authority of this token, and tells the others. */
function endGranted(tables: Tables, now: number, tokenId: string): Session[] {
  return livingGrantedBy(tables, tokenId).map(({ id }) => {
    const { session } = endSession(tables, now, { id, reason: ENDED.tokenRevoked })
    append(tables, now, { event: departure(session, ENDED.tokenRevoked) })
    return session
  })
}

function replace(tables: Tables, name: string, change: (present: Token) => Token): Token {
  const at = tables.tokens.findIndex(token => isValid(token) && token.name === name)
  const present = tables.tokens[at]
  if (present === undefined) throw new Refusal({ code: 'not_found', what: 'token' })
  const changed = change(present)
  tables.tokens[at] = changed
  return changed
}

export function validToken(tables: Tables, id: string): Token | undefined {
  return tables.tokens.find(token => isValid(token) && token.id === id)
}

export function tokenOfHash(tables: Tables, hash: string): Token | undefined {
  return tables.tokens.find(token => isValid(token) && token.hash === hash)
}

export function keep(tables: Tables, _now: number, { name, value }: Commands['keep']['needs']): { value: string } {
  if (!tables.kept.has(name)) tables.kept.set(name, value)
  return { value: tables.kept.get(name)! }
}
