import { rm } from 'node:fs/promises'
import { join as path } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../../src/bus/store.ts'
import { inPieces } from '../../src/operations/pieces.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { anEvent, join, publish } from './bench.ts'
import { temporaryFolder } from './open.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openSqliteStore({ path: path(folder, 'bus.db'), sizes: { pieceRows: 3 } })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

test('a short commit waits for one piece of a long work, however many were asked for before it', async () => {
  const sessions = ['s1', 's2', 's3', 's4', 's5']
  for (const id of sessions) await join(store, id)
  for (let n = 0; n < 10; n++) await publish(store)
  const ended: string[] = []
  const acknowledge = async (sessionId: string) => {
    const [commit] = [await store.commit([{ kind: 'acknowledge', sessionId, upTo: 10, proof: 'ack' }])]
    expect(commit.ok && commit.results[0]).toMatchObject({ consumed: [{}, {}, {}], next: 3, position: 3 })
    ended.push(sessionId)
  }
  const append = async () => {
    await store.commit([{ kind: 'append', event: anEvent() }])
    ended.push('append')
  }
  await Promise.all([...sessions.map(acknowledge), append()])
  expect(ended).toEqual(['s1', 'append', 's2', 's3', 's4', 's5'])
})

test('much mail is taken over in pieces, and all of it once', async () => {
  for (const id of ['old', 'new']) await join(store, id)
  for (let n = 0; n < 7; n++) await publish(store, { channels: ['session:old'] })
  await store.commit([{ kind: 'endSession', id: 'old', reason: 'left' }])
  const taken: number[] = []
  for await (const piece of inPieces(store, { kind: 'takeOver', sessionId: 'new', endedId: 'old' })) {
    expect(piece.taken.length).toBeLessThanOrEqual(3)
    taken.push(...piece.taken)
  }
  expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect((await store.unread('new', 9)).messages.map(({ id }) => id)).toEqual(taken)
})
