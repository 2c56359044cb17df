import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Caller, OPERATOR_ID, SCOPES, sessionScopes } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import type { Session } from '../bus/session.ts'
import type { IdempotencyKey, Store } from '../bus/store.ts'

const ALL_SCOPES = new Set(SCOPES)

const SESSION_CREDENTIAL = /^swb_session_(ses_[a-z2-7]{12})_([A-Za-z0-9_-]{43})$/
const TOKEN = /^swb_token_[A-Za-z0-9_-]{32}$/

export interface Credentials {
  /** Whose credential this is; undefined for one that is unknown or revoked. */
  callerOf(credential: string): Promise<Caller | undefined>
  sessionCredential(session: Pick<Session, 'id' | 'readmissions'>): string
  newTokenSecret(key?: Pick<IdempotencyKey, 'scope' | 'key'>): string
}

/** Calculations that are remembered; then it begins anew. Each is a hundred bytes or two. */
const MAX_KNOWN = 1_000

/**
 * The three kinds of credential. What a caller may do comes from the store with each request, so that what has been
 * revoked, narrowed or expelled is noticed by the very next one: a session's authority is that of its grantor, and no
 * more. The store remembers who its callers are until a commit changes that; here only the calculation by which a
 * session's credential is checked is remembered: it was 3 % of a publish's processor time.
 */
export async function createCredentials(store: Store, userCredential: string): Promise<Credentials> {
  const secret = await sessionSecret(store)
  const operator: Caller = {
    kind: 'operator',
    id: OPERATOR_ID,
    name: OPERATOR_ID,
    scopes: ALL_SCOPES,
    grantor: OPERATOR_ID,
  }
  const known = new Map<string, string>()

  /** Another one after each readmission. */
  function sessionCredential({ id, readmissions }: Pick<Session, 'id' | 'readmissions'>): string {
    const bearer = readmissions === undefined ? id : `${id} ${readmissions}`
    const remembered = known.get(bearer)
    if (remembered !== undefined) return remembered
    const credential = `swb_session_${id}_${createHmac('sha256', secret).update(bearer).digest('base64url')}`
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(bearer, credential)
    return credential
  }

  async function callerOfSession(credential: string): Promise<Caller | undefined> {
    const id = SESSION_CREDENTIAL.exec(credential)?.[1]
    const session = id === undefined ? undefined : await store.session(id)
    if (session === undefined || !areEqual(credential, sessionCredential(session))) return undefined
    const caller = { kind: 'session', id: session.id, name: session.name, grantor: session.grantor } as const
    if (session.grantor === OPERATOR_ID) return { ...caller, scopes: sessionScopes() }
    const token = await store.token(session.grantor)
    return token && { ...caller, scopes: sessionScopes(token.scopes) }
  }

  return {
    sessionCredential,
    // Made of what the store does not hold: who has read the store cannot make it.
    newTokenSecret(key) {
      const bytes =
        key === undefined
          ? randomBytes(24)
          : createHmac('sha256', userCredential).update(`token ${key.scope} ${key.key}`).digest().subarray(0, 24)
      return `swb_token_${bytes.toString('base64url')}`
    },
    async callerOf(credential) {
      if (credential.startsWith('swb_session_')) return await callerOfSession(credential)
      if (TOKEN.test(credential)) return await callerOfToken(store, credential)
      return areEqual(credential, userCredential) ? operator : undefined
    },
  }
}

async function callerOfToken(store: Store, credential: string): Promise<Caller | undefined> {
  const token = await store.tokenOfHash(hexDigest(credential))
  if (token === undefined) return undefined
  const id = `token:${token.name}`
  const scopes = new Set(token.scopes)
  return defined({ kind: 'token' as const, id, name: id, scopes, grantor: token.id, machine: token.machine })
}

/**
 * Made once per store, so that credentials outlive the hub that gave them. Looked for before it is made: a hub starts on
 * a full disk, too, and nothing can be written there.
 */
async function sessionSecret(store: Store): Promise<Buffer> {
  const known = await store.kept('session-secret')
  if (known !== undefined) return Buffer.from(known, 'base64url')
  const value = randomBytes(32).toString('base64url')
  const kept = await store.commit([{ kind: 'keep', name: 'session-secret', value }])
  if (!kept.ok) throw new Error('the store refused to keep the secret of sessions')
  return Buffer.from(kept.results[0].value, 'base64url')
}

/** Takes the same time wherever they differ. Lengths are no secret: they are the same for all of a kind. */
function areEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export function hexDigest(text: string): string {
  return hash('sha256', text, 'hex')
}
