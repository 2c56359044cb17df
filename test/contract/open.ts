import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { START_MS } from './bench.ts'
import type { OpenBench } from './store.contract.ts'
import { TestMachine } from './test-machine.ts'

export const openMemory: OpenBench = async () => {
  const clock = new TestMachine(START_MS)
  const store = createMemoryStore({ clock })
  return { store, clock, dispose: () => store.close() }
}

export const openSqlite: OpenBench = async () => {
  const clock = new TestMachine(START_MS)
  const folder = await temporaryFolder()
  const store = await openSqliteStore({ path: join(folder, 'bus.db'), clock })
  const dispose = async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { store, clock, dispose }
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'switchboard-store-'))
}

/** Where a store may be made; the folder goes when the test ends. */
export async function freshPath(): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'data/bus.db')
}
