import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
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
const indexBatch = fc.constantFrom(1, 4, 64)

test('SQLite answers every sequence of commands and reads as the oracle does', { timeout: 0 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, indexBatch, async (sequence, indexBatch) => {
      const path = join(folder, `${++runs}.db`)
      const clock = new TestMachine(START_MS)
      const oracle = createMemoryStore({ clock })
      const open = () => openSqliteStore({ path, clock, indexBatch })
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
    cases(300),
  )
})

async function take(store: Store, step: Step & { step: 'commit' | 'read' }): Promise<unknown> {
  if (step.step === 'commit') return await store.commit(step.commands, step.key, step.authority)
  return await (store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[step.what]!(...step.args)
}
