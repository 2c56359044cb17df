import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Caller, OPERATOR_ID, SCOPES, SESSION_SCOPES } from '../bus/access.ts'
import { defined } from '../bus/defined.ts'
import type { Store } from '../bus/store.ts'

const ALL_SCOPES = new Set(SCOPES)
const OWN_SCOPES = new Set(SESSION_SCOPES)

const SESSION_CREDENTIAL = /^swb_session_(ses_[a-z2-7]{12})_([A-Za-z0-9_-]{43})$/
const TOKEN = /^swb_token_[A-Za-z0-9_-]{32}$/

export interface Credentials {
  /** Whose credential this is; undefined for one that is unknown or revoked. */
  callerOf(credential: string): Promise<Caller | undefined>
  sessionCredential(sessionId: string): string
  newTokenSecret(): string
}

/** Sessions whose credential is known to be good; then it begins anew. Each is a hundred bytes or two. */
const MAX_KNOWN = 1_000

/**
 * The three kinds of credential. A session's is checked by calculation, and never becomes bad (whether the session has
 * ended is looked at with each call), so one that was good is remembered: the calculation was 3 % of a publish's
 * processor time. A token's is looked for by its hash in the store, so a revoked one is refused by the very next request.
 */
export async function createCredentials(store: Store, userCredential: string): Promise<Credentials> {
  const secret = await sessionSecret(store)
  const operator: Caller = { kind: 'operator', id: OPERATOR_ID, name: OPERATOR_ID, scopes: ALL_SCOPES }

  const known = new Map<string, Caller>()

  const sessionCredential = (sessionId: string) =>
    `swb_session_${sessionId}_${createHmac('sha256', secret).update(sessionId).digest('base64url')}`

  return {
    sessionCredential,
    newTokenSecret: () => `swb_token_${randomBytes(24).toString('base64url')}`,
    async callerOf(credential) {
      if (credential.startsWith('swb_session_')) {
        const remembered = known.get(credential)
        if (remembered) return remembered
        const id = SESSION_CREDENTIAL.exec(credential)?.[1]
        if (id === undefined || !areEqual(credential, sessionCredential(id))) return undefined
        if (known.size >= MAX_KNOWN) known.clear()
        // Its name is looked up with the session itself, by whoever needs it.
        const caller: Caller = { kind: 'session', id, name: id, scopes: OWN_SCOPES }
        known.set(credential, caller)
        return caller
      }
      if (TOKEN.test(credential)) return await callerOfToken(store, credential)
      return areEqual(credential, userCredential) ? operator : undefined
    },
  }
}

async function callerOfToken(store: Store, credential: string): Promise<Caller | undefined> {
  const token = await store.tokenOfHash(hexDigest(credential))
  if (token === undefined) return undefined
  const id = `token:${token.name}`
  return defined({ kind: 'token' as const, id, name: id, scopes: new Set(token.scopes), machine: token.machine })
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
