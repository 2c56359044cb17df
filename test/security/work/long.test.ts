import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/bus/limits.ts'
import type { Store } from '../../../src/bus/store.ts'
import { sweep } from '../../../src/hub/departures.ts'
import { Presence } from '../../../src/hub/presence.ts'
import { retain } from '../../../src/hub/retention.ts'
import type { InputOf, OperationName } from '../../../src/operations/index.ts'
import { expireMail } from '../../../src/operations/notices.ts'
import { openDatabase, type Value } from '../../../src/store/sqlite/driver.ts'
import { openFile } from '../../../src/store/sqlite/open-file.ts'
import { guardRows } from '../../../src/store/sqlite/row-sums.ts'
import { Sql } from '../../../src/store/sqlite/sql.ts'
import { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts'
import { temporaryFolder } from '../../contract/open.ts'
import type { TestMachine } from '../../contract/test-machine.ts'
import { openWorld } from '../../operations/world.ts'

/** Counts the rows that are written, given to who reads, and checked by SQLite itself, in one turn of the event loop. */
class CountingSql extends Sql {
  most = 0
  #rows = 0
  #written = 0

  override all<T>(text: string, ...values: Value[]): T[] {
    const rows = super.all<T>(text, ...values)
    this.#rows += rows.length
    const checked = /integrity_check\('(\w+)'\)/.exec(text)?.[1]
    if (checked !== undefined) {
      const parts = super.all<{ name: string }>(`SELECT name FROM pragma_table_list WHERE name GLOB '${checked}*'`)
      for (const { name } of parts) {
        this.#rows += super.one<{ rows: number }>(`SELECT count(*) AS rows FROM main.${name}`)!.rows
      }
    }
    return rows
  }
  /** Others have their turn here. */
  turn(): void {
    const { written } = super.one<{ written: number }>('SELECT total_changes() AS written')!
    this.most = Math.max(this.most, this.#rows + written - this.#written)
    this.#rows = 0
    this.#written = written
  }
}

/** An event that is forgotten is about eight rows with all that it is found by; one that is indexed, too. */
const MAX_ROWS = 14 * LIMITS.pieceRows
/** Of each thing that a store keeps: more than one turn may touch, in whole hundreds. */
const MANY = MAX_ROWS + 500

const LOCAL = 'api~3f2a1c'
const REMOTE = 'github.com/acme/api'
const DAY_MS = 24 * 3600_000

let folder: string
let filled: string
beforeAll(async () => {
  folder = await temporaryFolder()
  filled = join(folder, 'filled.db')
  for (const fill of [publishMany, insertMany, expireAndHold]) {
    const world = await openAt(filled)
    await fill(world)
    await world.store.close()
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function openAt(path: string) {
  ;(await openFile(path)).close()
  const sql = new CountingSql(await openDatabase(path), path)
  guardRows(sql)
  // As the store's own way of opening it has them.
  sql.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF')
  const world = await openWorld((clock: TestMachine) => new SqliteStore(sql, path, clock))
  return { ...world, sql }
}
type World = Awaited<ReturnType<typeof openAt>>

let serial = 0
async function openFilled(): Promise<World> {
  const path = join(folder, `${++serial}.db`)
  await copyFile(filled, path)
  return await openAt(path)
}

const aMessage = (n: number, more: object) => ({
  kind: 'append' as const,
  event: {
    type: 'message',
    channels: ['topic:busy'],
    senderId: 'token:many',
    senderName: 'many',
    text: `word ${n}`,
    level: 'info' as const,
    urgency: 'quiet' as const,
    hops: 0,
    ...more,
  },
})

async function publish(store: Store, count: number, more: object): Promise<void> {
  const batch = 250
  for (let n = 0; n < count; n += batch) {
    await store.commit(Array.from({ length: batch }, (_, i) => aMessage(n + i, more)))
  }
}

/** The session that all the mail is for has read the first half of it. */
async function publishMany({ store, join, token, sessionById }: World): Promise<void> {
  await join('reader', { topics: ['busy'], facts: { repo: LOCAL, gitdir: '/src/api/.git', worktree: '/src/api' } })
  await (await token('many', { scopes: ['read', 'publish'] }))('register', { name: 'first' })
  await publish(store, MANY, {})
  const [reader] = await store.sessionsCalled('reader')
  await sessionById(reader!.id)('ack', { up_to: MANY / 2 })
}

/** What would take too long to be made as it is made otherwise. The store only looks at its file in the end. */
async function insertMany({ store }: World): Promise<void> {
  const { id: tokenId } = (await store.tokens())[0]!
  const now = await store.now()
  await store.close()
  const file = await openFile(filled)
  const numbers = `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${MANY})`
  const sessions = (kind: string, count: number, { grantor = 'operator', more = '' } = {}) => {
    const gone = kind === 'ended' ? 1 : 0
    file.run(
      `${numbers} INSERT INTO sessions (id, grantor, name, look, codename, machine, gone, ended_at, seen_at, cursor, session)
       SELECT '${kind}_' || n, '${grantor}', '${kind}-' || n, '${kind}-' || n, 'code-${kind}-' || n, 'desk', ${gone},
         ${gone ? 1 : 'NULL'}, ${now - DAY_MS}, 0,
         json_object('id', '${kind}_' || n, 'name', '${kind}-' || n, 'codename', 'code-${kind}-' || n, 'machine', 'desk',
           'grantor', '${grantor}', 'owns', json_array(), 'topics', json_array(), 'registeredAt', 1, 'seenAt', 1 ${more})
       FROM n WHERE n <= ${count}`,
    )
  }
  sessions('living', MANY)
  sessions('ended', MANY, { more: `, 'endedAt', 1, 'endReason', 'left'` })
  sessions('granted', 199, { grantor: tokenId })
  sessions('neighbour', 450, { more: `, 'repo', '${LOCAL}', 'gitdir', '/src/api/.git', 'worktree', '/src/tree'` })
  file.exec(`
    UPDATE sessions SET repo = '${LOCAL}', seen_at = ${now} WHERE id GLOB 'neighbour_*';
    UPDATE sessions SET talk = '{"begunAt":0,"chain":{"hops":8,"root":7}}' WHERE id GLOB 'living_*';
    INSERT INTO subscriptions (session, channel, position, following, gone)
      SELECT num, 'all', 0, 1, gone FROM sessions WHERE id GLOB 'living_*' OR id GLOB 'ended_*'
      UNION ALL SELECT num, 'session:' || id, 0, 1, 1 FROM sessions WHERE id = 'ended_1';
    INSERT INTO deliveries (session, event, leased, done)
      SELECT num, 1, 0, 1 FROM sessions WHERE id GLOB 'living_*'
      UNION ALL SELECT (SELECT num FROM sessions WHERE id = 'ended_2'), id, 0, 1 FROM events`)
  const claims = (owner: string, area: string, count: number, expiresAt: number) =>
    file.run(
      `${numbers} INSERT INTO claims (area, path, session, token, expires_at, claim)
       SELECT '${area}', '${owner}/' || n, num, n, ${expiresAt}, json_object('area', '${area}', 'path', '${owner}/' || n,
         'sessionId', id, 'token', n, 'claimedAt', 1, 'ttlMs', 1000, 'expiresAt', ${expiresAt})
       FROM n CROSS JOIN sessions ON id = '${owner}_' || (1 + n / 200) WHERE n <= ${count}`,
    )
  claims('neighbour', LOCAL, MANY, now + DAY_MS)
  claims('granted', REMOTE, MANY, now + DAY_MS)
  claims('living', 'elsewhere', MANY, 1)
  file.run(
    `${numbers} INSERT INTO keys (scope, key, fingerprint, at, results, holder, bytes)
     SELECT 's', n, 'f', 1, '[]', 'h' || (n % 10), 10 FROM n`,
  )
  file.close()
}

/** Two messages for everybody that expire, one of a chain that everybody talks of that is held, and mail for the dead. */
async function expireAndHold({ store }: World): Promise<void> {
  const toAll = { channels: ['all'] }
  const expiresAt = (await store.now()) + 1
  await store.commit([aMessage(0, { ...toAll, expiresAt }), aMessage(1, { ...toAll, expiresAt })])
  await store.commit([aMessage(2, { ...toAll, senderId: 'living_3', root: 7, hops: 9, held: 'too many hops' })])
  await publish(store, MANY / 4, { channels: ['session:ended_1'] })
}

const at = { repo: REMOTE, worktree: '/src/api', gitdir: '/src/api/.git' }

/** What each operation is asked among very many of everything. The types notice one that is missing. */
const ASKED: { [N in OperationName]: readonly InputOf<N>[] } = {
  register: [{ name: 'new' }, { name: 'another', facts: at }],
  whoami: [{}],
  list_sessions: [{ limit: 500 }, { include_gone: true, limit: 500 }],
  list_channels: [{}],
  publish: [
    { text: 'x', to: 'all' },
    { text: 'x', to: 'topic:busy' },
    { text: 'x', reply_to: 1 },
  ],
  inbox: [{ limit: 200 }, { limit: 200, peek: true }],
  ack: [{ up_to: MANY }, { up_to: 0, rewind: true }, { up_to: MANY / 2 + 3, rewind: true }],
  message_status: [{ event_id: 1 }, { event_id: MANY }],
  get_events: [{ limit: 500 }, { query: 'word', limit: 500 }, { query: 'nowhere' }, { types: ['none'], after: 1 }],
  heartbeat: [{}, { facts: at }],
  unregister: [{}],
  readmit: [{ session: 'ended-1' }],
  set_state: [{ key: 'k', value: 1 }],
  get_state: [{ key: 'k' }],
  list_state: [{}],
  delete_state: [{ key: 'k' }],
  claim: [{ path: '/src/api/src/a.ts' }],
  release: [{ path: '/src/api/src/a.ts' }],
  list_claims: [{}, { path: '/src/api/**' }],
  continue_chain: [{ event_id: 0 }],
  prune: [
    { keep_newest: 0 },
    { keep_newest: 0, forget_ended_days: 0 },
    { older_than_days: 0, forget_ended_days: 0, dry_run: true },
  ],
  create_token: [{ name: 'other' }],
  list_tokens: [{}],
  narrow_token: [{ name: 'many', scopes: ['read'] }],
  revoke_token: [{ name: 'many' }],
  collect: [{ route: 'prompt hook' }, { route: 'stop hook', urgent_only: true }],
  take_inbox: [{ limit: 200 }],
  settle: [{ proof: 'x', events: Array.from({ length: LIMITS.provedEvents }, (_, n) => n) }],
  check_edit: [{ path: '/src/api/src/a.ts' }],
  note_edit: [{ path: '/src/api/src/a.ts' }],
  check_git: [{ command: 'git stash' }],
  self_check_pair: [{}],
}

/** What it says where it does not do what it is asked. */
const REFUSED: Readonly<Record<string, string>> = {
  claim: 'limit_reached',
  release: 'not_found',
  get_state: 'not_found',
  delete_state: 'not_found',
  readmit: 'not_found',
}

const OPERATORS: readonly string[] = [
  'readmit',
  'continue_chain',
  'prune',
  'create_token',
  'list_tokens',
  'narrow_token',
  'revoke_token',
  'self_check_pair',
]

describe('among very many rows no operation touches many of them before others have their turn', () => {
  it.each(Object.keys(ASKED) as OperationName[])('%s', async name => {
    for (const input of ASKED[name]) {
      const { sql, store, operator, sessionById } = await openFilled()
      const [reader] = await store.sessionsCalled('reader')
      const [held] = (await store.events({ senderId: 'living_3', order: 'asc', limit: 1 })).events
      const asked = name === 'continue_chain' ? { event_id: held!.id } : input
      const act = OPERATORS.includes(name) ? operator : sessionById(reader!.id)
      await measured(sql, [name, input], () =>
        act(name, asked as never).catch(error => expect([name, error.code]).toEqual([name, REFUSED[name]])),
      )
      await store.close()
    }
  })
})

describe('nor does what the hub does by itself', () => {
  const upkeep: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
    'the sweep of silent sessions, old keys and claims': async ({ store, pass }) => {
      pass(30 * DAY_MS)
      expect(await sweep(store)).toBeGreaterThan(MANY)
    },
    'the end of expired mail': async ({ store, pass }) => {
      pass(DAY_MS)
      expect(await expireMail(store)).toBe(2)
    },
    'forgetting by age': async ({ store, pass }) => {
      pass(40 * DAY_MS)
      await retain(store, { maxAgeDays: 1 })
      expect(await store.session('ended_1')).toBeUndefined()
    },
    'a look at everything, for doctor': async ({ store }) => {
      expect((await store.inspect()).faults).toEqual([])
    },
    'signs of life of very many': async ({ store }) => {
      const presence = new Presence({ store, end: async () => {} })
      for (let n = 1; n <= MANY; n++) presence.touch(`living_${n}`)
      await presence.flush()
    },
  }
  it.each(Object.entries(upkeep))('%s', async (what, keep) => {
    const world = await openFilled()
    await measured(world.sql, what, () => keep(world))
    await world.store.close()
  })
})

async function measured(sql: CountingSql, what: unknown, work: () => Promise<unknown>): Promise<void> {
  sql.turn()
  sql.most = 0
  let isDone = false
  const turns = async () => {
    for (; !isDone; sql.turn()) await new Promise<void>(resolve => setImmediate(resolve))
  }
  const counting = turns()
  await work().finally(() => {
    isDone = true
  })
  await counting
  expect([what, sql.most > MAX_ROWS ? sql.most : 'bounded']).toEqual([what, 'bounded'])
}

it('and a statement that touches all of them would be noticed', async () => {
  const { sql, store } = await openFilled()
  const all = () => measured(sql, 'all', async () => sql.run('UPDATE deliveries SET done = 1'))
  await expect(all()).rejects.toThrow()
  await store.close()
})
