import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BusError } from '../../src/bus/errors.ts'
import { isPiece } from '../../src/bus/piecewise.ts'
import type { Store } from '../../src/bus/store.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { temporaryFolder } from '../contract/open.ts'
import { openWorld } from './world.ts'

let folder: string
let filled: string
let serial = 0
beforeAll(async () => {
  folder = await temporaryFolder()
  filled = join(folder, 'filled.db')
  const { world } = await openAt(filled)
  await fill(world)
  await world.store.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A store whose process ends before its n-th piece, or where that `isDone`, before its answer. */
async function openAt(path: string, endsAt = Number.POSITIVE_INFINITY, isDone = false) {
  let pieces = 0
  const world = await openWorld(async clock => {
    const store = await openSqliteStore({ path, clock, sizes: { pieceRows: 3 } })
    const commit: Store['commit'] = async (commands, key, authority) => {
      if (!isPiece(commands)) return await store.commit(commands, key, authority)
      const isLast = ++pieces === endsAt
      if (pieces > endsAt || (isLast && !isDone)) throw new BusError('store_unavailable', 'the process has ended')
      const answer = await store.commit(commands, key, authority)
      if (isLast) throw new BusError('store_unavailable', 'the process has ended')
      return answer
    }
    return new Proxy(store, {
      get(target, name) {
        const member = name === 'commit' ? commit : Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  })
  return { world, pieces: () => pieces }
}
type World = Awaited<ReturnType<typeof openWorld>>

async function fill({ join, token, operator, pass }: World): Promise<void> {
  const [reader, writer] = [await join('reader'), await join('writer')]
  for (let n = 0; n < 20; n++) await writer('publish', { text: `${n}`, to: n % 3 ? 'all' : 'reader' })
  await reader('ack', { up_to: 9 })
  const many = await token('many')
  for (const name of ['a', 'b', 'c']) await many('register', { name })
  const gone = await join('gone')
  for (let n = 0; n < 7; n++) await writer('publish', { text: `${n}`, to: 'gone' })
  await gone('unregister', {})
  pass(24 * 3600_000)
  await operator('publish', { text: 'the last', to: 'reader' })
}

const CALLS = {
  ack: world => reader(world).then(act => act('ack', { up_to: 20 }, 'key')),
  'ack --rewind': world => reader(world).then(act => act('ack', { up_to: 2, rewind: true }, 'key')),
  prune: world => world.operator('prune', { keep_newest: 2, forget_ended_days: 0.5 }, 'key'),
} satisfies Record<string, (world: World) => Promise<unknown>>

async function reader({ store, sessionById }: World) {
  return sessionById((await store.sessionsCalled('reader'))[0]!.id)
}

async function stateOf({ store }: World): Promise<unknown> {
  const sessions = await store.sessions({ includeEnded: true, limit: 99 })
  const { events } = await store.events({ order: 'asc', limit: 500 })
  return {
    events: events.map(({ id }) => id),
    sessions: sessions.map(({ name }) => name),
    unread: await Promise.all(
      sessions.map(async ({ id }) => (await store.unread(id, 99)).messages.map(each => each.id)),
    ),
    receipts: await Promise.all(events.map(({ id }) => store.receipts(id, 99))),
  }
}

it.each(Object.entries(CALLS))(
  '%s that breaks off at any piece and is repeated ends as if it had not',
  async (_, call) => {
    const copy = async () => {
      const path = join(folder, `${++serial}.db`)
      await copyFile(filled, path)
      return path
    }
    const { world, pieces } = await openAt(await copy())
    const answer = await call(world)
    const state = await stateOf(world)
    await world.store.close()
    expect(pieces()).toBeGreaterThan(2)
    for (let endsAt = 1; endsAt <= pieces(); endsAt++) {
      const path = await copy()
      const { world: dying } = await openAt(path, endsAt, endsAt % 2 === 0)
      await expect(call(dying)).rejects.toMatchObject({ code: 'store_unavailable' })
      await dying.store.close()
      const { world } = await openAt(path)
      expect([endsAt, await call(world)]).toEqual([endsAt, answer])
      expect([endsAt, await stateOf(world)]).toEqual([endsAt, state])
      await world.store.close()
    }
  },
)
