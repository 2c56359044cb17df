import type { Commit, Store } from '../../src/bus/store.ts'
import type { Random } from './random.ts'

/**
 * Stores with a bug each, made of a right one. The harness must see every one of them: a check that has never failed
 * shows nothing.
 */

/** Compares first and sets later, as a store does that reads and writes without one transaction around both. */
export function comparesOutsideTheCommit(store: Store): Store {
  return changed(store, {
    async commit(commands, key) {
      const [command] = commands
      if (command?.kind !== 'putState' || command.expectedVersion === undefined)
        return await store.commit(commands, key)
      const { expectedVersion, ...unconditional } = command
      const current = await store.state(command.key)
      await turn()
      if ((current?.version ?? 0) === expectedVersion)
        return (await store.commit([unconditional], key)) as Commit as never
      return { ok: false, at: await store.now(), failed: 0, conflict: { code: 'stale_version', current } }
    },
  })
}

/** Answers reads from a copy that lags behind now and then, as a replica does. */
export function readsAStaleCopy(store: Store, random: Random): Store {
  const copies = new Map<string, Awaited<ReturnType<Store['state']>>>()
  return changed(store, {
    async state(key, version) {
      if (version !== undefined) return await store.state(key, version)
      if (!copies.has(key) || random.chance(0.5)) copies.set(key, await store.state(key))
      return copies.get(key)
    },
  })
}

/** Now and then hands out the token of the holder before. */
export function handsOutAnOldToken(store: Store, random: Random): Store {
  const last = new Map<string, number>()
  return changed(store, {
    async commit(commands, key) {
      const commit = (await store.commit(commands, key)) as Commit
      const [command] = commands
      if (!commit.ok || command?.kind !== 'claim') return commit as never
      const result = commit.results[0] as { claim: { path: string; token: number }; renewed: boolean }
      const before = last.get(result.claim.path)
      last.set(result.claim.path, result.claim.token)
      if (result.renewed || before === undefined || random.chance(0.7)) return commit as never
      return { ...commit, results: [{ ...result, claim: { ...result.claim, token: before } }] } as never
    },
  })
}

/** Forgets that a claim is held when its holder renewed it: another gets it at the first end. */
export function forgetsRenewals(store: Store): Store {
  return changed(store, {
    async commit(commands, key) {
      const [command] = commands
      if (command?.kind !== 'claim') return await store.commit(commands, key)
      const { area, path, sessionId } = command
      const present = (await store.claims({ area, limit: 99 })).find(
        each => each.path === path && each.sessionId === sessionId,
      )
      const commit = (await store.commit(commands, key)) as Commit
      if (!commit.ok || !present) return commit as never
      const ttlMs = Math.max(1, present.expiresAt - commit.at)
      await store.commit([{ kind: 'claim', area, path, sessionId, ttlMs }])
      return commit as never
    },
  })
}

export function changed(store: Store, changes: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, property) {
      const from = property in changes ? changes : target
      const value = Reflect.get(from, property) as unknown
      return typeof value === 'function' ? value.bind(from) : value
    },
  })
}

async function turn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}
