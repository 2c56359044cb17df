import { defined } from '../../src/bus/defined.ts'
import type { Commit, Conflict, Store } from '../../src/bus/store.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import type { RegisterInput, RegisterOutput } from './models/register.ts'
import type { BusClient } from './workload.ts'

const AREA = 'repo-under-test'

/** Clients that call a store itself. Each is a session of its own. */
export async function clientsOfStore(store: Store, count: number): Promise<BusClient[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const name = `client-${n}`
      const session = {
        id: name,
        name,
        codename: `${name} codename`,
        machine: 'm',
        grantor: 'operator',
        owns: [],
        topics: [],
      }
      const created = await store.commit([{ kind: 'createSession', session }])
      if (!created.ok) throw new Error(`${name}: ${created.conflict.code}`)
      return {
        name,
        state: (key, input) => state(store, name, key, input),
        claim: (path, input) => claim(store, name, path, input),
      } satisfies BusClient
    }),
  )
}

async function state(store: Store, who: string, key: string, input: RegisterInput): Promise<RegisterOutput> {
  if (input.do === 'get') {
    const entry = await store.state(key)
    return entry ? { is: 'found', version: entry.version, value: entry.value } : { is: 'none' }
  }
  const writer = { by: who, byName: who, expectedVersion: input.expected }
  if (input.do === 'delete') {
    const commit = await store.commit([defined({ kind: 'deleteState', key, ...writer })])
    return commit.ok ? { is: 'deleted', version: commit.results[0].version } : refusedState(commit.conflict)
  }
  const { value, mode = 'overwrite' } = input
  const commit = await store.commit([defined({ kind: 'putState', key, value, mode, ...writer })])
  if (!commit.ok) return refusedState(commit.conflict)
  const [entry] = commit.results
  return { is: 'written', version: entry.version, value: entry.value }
}

function refusedState(conflict: Conflict): RegisterOutput {
  if (conflict.code === 'stale_version') return { is: 'stale', version: conflict.current?.version ?? 0 }
  if (conflict.code === 'not_appendable') return { is: 'not_appendable' }
  if (conflict.code === 'not_found') return { is: 'none' }
  throw new Error(`unexpected conflict ${conflict.code}`)
}

async function claim(store: Store, who: string, path: string, input: LockInput): Promise<LockOutput> {
  const place = { area: AREA, path, sessionId: who }
  if (input.do === 'look') {
    const found = (await store.claims({ area: AREA, limit: 99 })).find(each => each.path === path)
    return found
      ? { is: 'seen', by: found.sessionId, token: found.token, expiresAt: found.expiresAt }
      : { is: 'nobody' }
  }
  if (input.do === 'release') {
    const commit = await store.commit([defined({ kind: 'release', ...place, token: input.token })])
    return commit.ok ? { is: 'released', token: commit.results[0].token } : refusedClaim(commit)
  }
  const commit = await store.commit([defined({ kind: 'claim', ...place, ttlMs: input.ttlMs, token: input.token })])
  if (!commit.ok) return refusedClaim(commit)
  const [{ claim, renewed }] = commit.results
  return { is: 'granted', token: claim.token, expiresAt: claim.expiresAt, renewed }
}

function refusedClaim({ conflict }: Commit & { ok: false }): LockOutput {
  if (conflict.code === 'claim_held')
    return { is: 'held', by: conflict.claim.sessionId, expiresAt: conflict.claim.expiresAt }
  if (conflict.code === 'stale_token' || conflict.code === 'not_found') return { is: 'not_in_force' }
  throw new Error(`unexpected conflict ${conflict.code}`)
}
