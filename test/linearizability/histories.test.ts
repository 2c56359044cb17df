/** Shared state and claims of a store behave as if calls happened one after the other, also those of several clients at once. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { seed } from '../tier.ts'
import { judge } from './judge.ts'
import { clientsOfStore } from './over-store.ts'
import { comparesOutsideTheCommit, forgetsRenewals, handsOutAnOldToken, readsAStaleCopy } from './planted-bugs.ts'
import { type Random, randomFrom } from './random.ts'
import { CLIENTS, createTally, KEYS, rounds } from './tally.ts'
import { type Load, runLoad } from './workload.ts'

/** The stores' time is a count, which a pause moves on. */
function timed(): { clock: TestMachine; load: Load } {
  const clock = new TestMachine(1_000_000)
  const pause = async (random: Random) => {
    if (!random.chance(0.3)) return
    const passesMs = 1 + random.below(3)
    clock.ms += passesMs
    for (let turn = 0; turn < passesMs; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  return { clock, load: { ...KEYS, ttlMs: random => 1 + random.below(60), pause, nowMs: () => clock.ms } }
}

describe('the harness catches', () => {
  const bugs: [string, (store: Store, random: Random) => Store][] = [
    ['a store that compares outside the commit', comparesOutsideTheCommit],
    ['a store that reads a stale copy', readsAStaleCopy],
    ['a store that hands out an old fencing token', handsOutAnOldToken],
    ['a store that forgets renewals', forgetsRenewals],
  ]
  test.each(bugs)('%s, every time', { timeout: 0 }, async (_, plant) => {
    for (let round = 0; round < 3; round++) {
      const random = randomFrom(seed + round)
      const { clock, load } = timed()
      const store = plant(createMemoryStore({ clock }), random)
      const { violations } = judge(await runLoad(random, await clientsOfStore(store, CLIENTS), load))
      expect(violations.length).toBeGreaterThan(0)
    }
  })
})

describe('every history can be put in an order', () => {
  test('of the memory store', { timeout: 0 }, async () => {
    await checked('memory', async clock => createMemoryStore({ clock }))
  })

  test('of the SQLite store', { timeout: 0 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swb-histories-'))
    try {
      await checked('SQLite', (clock, round) => openSqliteStore({ path: join(folder, `${round}.db`), clock }))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

async function checked(what: string, open: (clock: TestMachine, round: number) => Promise<Store>): Promise<void> {
  const tally = createTally()
  for (let round = 0; round < rounds; round++) {
    const { clock, load } = timed()
    const store = await open(clock, round)
    try {
      tally.pass(judge(await runLoad(randomFrom(seed + round), await clientsOfStore(store, CLIENTS), load)))
    } finally {
      await store.close()
    }
  }
  tally.print(what)
}
