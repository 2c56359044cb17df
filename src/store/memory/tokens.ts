import { defined } from '../../bus/defined.ts'
import type { Commands, Token } from '../../bus/store.ts'
import { Refusal } from './refusal.ts'
import type { Tables } from './tables.ts'

const isValid = (token: Token) => token.revokedAt === undefined

export function putToken(tables: Tables, now: number, { token }: Commands['putToken']['needs']): Token {
  const valid = tables.tokens.filter(isValid)
  if (valid.some(other => other.name === token.name)) throw new Refusal({ code: 'identity_taken', what: 'name' })
  if (valid.some(other => other.hash === token.hash)) throw new Refusal({ code: 'identity_taken', what: 'id' })
  const created = { ...defined(token), createdAt: now }
  tables.tokens.push(created)
  return created
}

export function revokeToken(tables: Tables, now: number, { name }: Commands['revokeToken']['needs']): Token {
  const at = tables.tokens.findIndex(token => isValid(token) && token.name === name)
  const token = tables.tokens[at]
  if (token === undefined) throw new Refusal({ code: 'not_found', what: 'token' })
  const revoked = { ...token, revokedAt: now }
  tables.tokens[at] = revoked
  return revoked
}

export function tokenOfHash(tables: Tables, hash: string): Token | undefined {
  return tables.tokens.find(token => isValid(token) && token.hash === hash)
}

export function keep(tables: Tables, _now: number, { name, value }: Commands['keep']['needs']): { value: string } {
  if (!tables.kept.has(name)) tables.kept.set(name, value)
  return { value: tables.kept.get(name)! }
}
