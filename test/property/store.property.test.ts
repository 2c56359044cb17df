import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPiece } from '../../src/bus/piecewise.ts'
import type { Command, Commands, Store } from '../../src/bus/store.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { TestMachine } from '../contract/test-machine.ts'
import { cases } from '../tier.ts'
import { everything, START_MS, type Step, steps } from './store-steps.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-property-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let runs = 0

/** Runs are short: most would end before the first batch of a real hub, and some should. */
const sizes = fc.record({ indexBatch: fc.constantFrom(1, 4, 64), pieceRows: fc.constantFrom(1, 2, 3, 500) })

test('SQLite answers every sequence of commands and reads as the oracle does', { timeout: 0 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, sizes, async (sequence, sizes) => {
      const path = join(folder, `${++runs}.db`)
      const clock = new TestMachine(START_MS)
      const oracle = createMemoryStore({ clock })
      const open = () => openSqliteStore({ path, clock, sizes })
      let isDateRight = true
      let store = await open()
      try {
        for (const step of sequence) {
          if (step.step === 'clock') clock.ms += step.byMs
          else if (step.step === 'date') {
            isDateRight = false
            clock.setForwardMs = step.forwardMs
          } else if (step.step === 'reopen') {
            // The oracle's clock does not stop meanwhile, so it cannot say what a date that is wrong then does to a file.
            if (!isDateRight) continue
            // A file remembers the time of its last commit, not one that only reads have seen.
            for (const each of [store, oracle]) await each.commit([{ kind: 'touch', ids: [] }])
            await store.close()
            store = await open()
          } else {
            expect(await take(store, step), JSON.stringify(step)).toEqual(await take(oracle, step))
          }
        }
        expect(await everything(store)).toEqual(await everything(oracle))
      } finally {
        await store.close()
        for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      }
    }),
    cases(80),
  )
})

async function take(store: Store, step: Step & { step: 'commit' | 'read' }): Promise<unknown> {
  if (step.step === 'commit') {
    return isPiece(step.commands)
      ? await whole(store, step)
      : await store.commit(step.commands, step.key, step.authority)
  }
  return await (store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[step.what]!(...step.args)
}

/** All pieces of a command, as if it had been done at once. */
async function whole(store: Store, { commands, authority }: Step & { step: 'commit' }): Promise<unknown> {
  const [command] = commands as [Command & { from?: unknown }]
  const all: Record<string, unknown> = {}
  for (let from: unknown; ; ) {
    const piece = from === undefined ? command : { ...command, from }
    const commit = await store.commit([piece as Command], undefined, authority)
    if (!commit.ok) return commit
    const { next, ...gives } = commit.results[0] as unknown as { next?: unknown }
    for (const [field, value] of Object.entries(gives))
      all[field] = JOINED[field]?.(all[field] as never, value as never) ?? value
    if (next === undefined) return { at: commit.at, ...all }
    from = next
  }
}

const sum = (before: number | undefined, value: number) => (before ?? 0) + value
const both = (before: unknown[] | undefined, value: unknown[]) => [...(before ?? []), ...value]
type Expired = Commands['expire']['gives']['expired'][number]
/** An event whose recipients are many is in several pieces. */
const byEvent = (before: Expired[] | undefined, value: Expired[]) => {
  const events = new Map<number, Expired>()
  for (const each of [...(before ?? []), ...value]) {
    const { sessionIds = [] } = events.get(each.event.id) ?? {}
    events.set(each.event.id, { ...each, sessionIds: [...sessionIds, ...each.sessionIds] })
  }
  return [...events.values()].sort((a, b) => a.event.id - b.event.id)
}
/** Of what is not here, the last piece tells. */
const JOINED: Readonly<Record<string, (before: never, value: never) => unknown>> = {
  events: sum,
  sessions: sum,
  keptUnread: sum,
  undeliverable: both,
  consumed: both,
  ended: both,
  moved: both,
  lost: both,
  taken: both,
  expired: byEvent,
}
