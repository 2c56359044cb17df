import { type Authority, type Lapse, lapseOf } from '../../bus/access.ts'
import type { Tables } from './tables.ts'
import { validToken } from './tokens.ts'

export function lapse(tables: Tables, authority: Authority): Lapse | undefined {
  const session = authority.kind === 'session' ? tables.sessions.get(authority.id) : undefined
  const known = session && { grantor: session.grantor, hasEnded: session.endedAt !== undefined }
  return lapseOf(authority, known, validToken(tables, session?.grantor ?? authority.id))
}
