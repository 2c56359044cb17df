import { expect, test } from 'vitest'
import type { Command, Commit, IdempotencyKey, Store } from '../../src/bus/store.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { START_MS } from './bench.ts'
import { openMemory } from './open.ts'
import { contract } from './store.contract.ts'
import { TestMachine } from './test-machine.ts'

type CommitOf = (store: Store) => (commands: readonly Command[], key?: IdempotencyKey) => Promise<Commit>

/** Bugs that a store could have, and the sentence of the contract that must notice each. */
const bugs: [bug: string, group: string, sentence: string, commit: CommitOf][] = [
  [
    'keeps what a refused commit did before',
    'commits',
    'a refused command undoes all that came before it in its commit',
    store => async commands => {
      const results: unknown[] = []
      for (const command of commands) {
        const commit = await store.commit([command])
        if (!commit.ok) return { ...commit, failed: results.length }
        results.push(commit.results[0])
      }
      return { ok: true, at: await store.now(), results: results as never, replayed: false }
    },
  ],
  [
    'acknowledges before the commit',
    'commits',
    'commits are seen by every read that begins after they returned',
    store => {
      let nextId = 1
      return async (commands, key) => {
        setImmediate(() => void store.commit(commands, key).catch(() => undefined))
        return { ok: true, at: 0, results: commands.map(() => ({ id: nextId++ })) as never, replayed: false }
      }
    },
  ],
  [
    'ignores the idempotency key',
    'commits',
    'a second commit with a key changes nothing and gets the results of the first',
    store => commands => store.commit(commands),
  ],
  [
    'confirms at the offer',
    'inbox',
    'what was offered and given back comes again, marked as a repeat',
    store => async (commands, key) => {
      const commit = await store.commit(commands, key)
      for (const each of commands) {
        if (each.kind === 'offer') await store.commit([{ kind: 'confirm', sessionId: each.sessionId, proof: 'offer' }])
      }
      return commit
    },
  ],
  [
    'leaves what was taken over with the session that ended, too',
    'take-overs',
    'what an ended session has not read of its own waits for the one that takes it over, and for it no more',
    store => async (commands, key) => {
      const commit = await store.commit(commands, key)
      for (const each of commands) {
        if (each.kind !== 'takeOver') continue
        const { events } = await store.unreadDirect(each.sessionId, 9)
        const again = events.map(({ id: _, at: __, ...event }) => ({ ...event, channels: [`session:${each.endedId}`] }))
        await store.commit(again.map(event => ({ kind: 'append', event }) as const))
      }
      return commit
    },
  ],
  [
    'gives claims without looking at those of others',
    'claims',
    'claims whose paths meet exclude each other, in one area only',
    store => (commands, key) =>
      store.commit(
        commands.map(each => (each.kind === 'claim' ? { ...each, area: `${each.area} ${each.sessionId}` } : each)),
        key,
      ),
  ],
]

test.each(bugs)('a store that %s fails "%s: %s"', async (_, group, sentence, commitOf) => {
  const run = contract[group]![sentence]!
  const sound = await openMemory()
  await run(sound)
  const { store, clock } = await openMemory()
  const commit = commitOf(store)
  const broken = new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  await expect(run({ store: broken, clock })).rejects.toThrow()
})

test('a store whose clock is the latest date that it has seen fails the sentences about time', async () => {
  let latest = 0
  class LatestDate extends TestMachine {
    override steady(): number {
      latest = Math.max(latest, this.wall())
      return latest
    }
  }
  const failed: string[] = []
  for (const [sentence, run] of Object.entries(contract.time!)) {
    latest = 0
    const clock = new LatestDate(START_MS)
    await run({ store: createMemoryStore({ clock }), clock }).catch(() => failed.push(sentence))
  }
  expect(failed).toEqual(
    expect.arrayContaining([
      'every term ends in time with the date set back three hours',
      'no term ends too early with the date a year ahead for a moment',
      'time goes on after one event of a year ahead',
    ]),
  )
})
