import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../src/store/sqlite/driver.ts'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { openFile } from '../../src/store/sqlite/open-file.ts'
import { guardRows } from '../../src/store/sqlite/row-sums.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { acknowledge, anEvent, aSession, confirm, done, publish, START_MS, take } from './bench.ts'
import { temporaryFolder } from './open.ts'
import { TestMachine } from './test-machine.ts'

/** Writes down every statement, so that each one's plan can be looked at. */
class WatchedSql extends Sql {
  readonly texts = new Set<string>()

  override run(text: string, ...values: Value[]): void {
    this.texts.add(text)
    super.run(text, ...values)
  }
  override change(text: string, ...values: Value[]): number {
    this.texts.add(text)
    return super.change(text, ...values)
  }
  override one<T>(text: string, ...values: Value[]): T | undefined {
    this.texts.add(text)
    return super.one(text, ...values)
  }
  override all<T>(text: string, ...values: Value[]): T[] {
    this.texts.add(text)
    return super.all(text, ...values)
  }
  override has(text: string, ...values: Value[]): boolean {
    this.texts.add(text)
    return super.has(text, ...values)
  }
}

let folder: string
let sql: WatchedSql
let store: SqliteStore
beforeAll(async () => {
  folder = await temporaryFolder()
  const path = join(folder, 'bus.db')
  ;(await openFile(path)).close()
  sql = new WatchedSql(await openDatabase(path), path)
  guardRows(sql)
  store = new SqliteStore(sql, path, new TestMachine(START_MS))
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

/** Tables that grow with use. `log` has one row; claims, tokens and kept names are few. */
const GROWING =
  /^SCAN (?:main\.)?(events|e|facets|postings|p|p2|sessions|s|subscriptions|f|deliveries|d|state|present_state|keys|lost)\b/

function plansOf(texts: Iterable<string>): { text: string; detail: string }[] {
  return [...texts]
    .filter(text => /^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(text))
    .flatMap(text => sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`).map(({ detail }) => ({ text, detail })))
}

async function statementsOf(work: () => Promise<unknown>): Promise<Set<string>> {
  sql.texts.clear()
  await work()
  return new Set(sql.texts)
}

const bySeen = { includeEnded: true, limit: 10 }
const page = { order: 'desc', limit: 10 } as const

const hot: Record<string, () => Promise<unknown>> = {
  'joining and following': () =>
    done(
      store,
      { kind: 'createSession', session: aSession('s1', { clientId: 'c', repo: 'r', topics: ['x'] }) },
      { kind: 'follow', sessionId: 's1', channels: ['all', 'session:s1'], backfillMs: 1_000 },
      { kind: 'updateSession', id: 's1', patch: { role: 'dev' }, revive: true, reofferUnproved: true },
      { kind: 'touch', ids: ['s1'] },
    ),
  'publishing and answering': async () => {
    const { id } = await publish(store)
    await store.commit([{ kind: 'append', event: anEvent({ senderId: 's1', replyTo: id }) }], {
      scope: 's',
      key: 'k',
      fingerprint: 'f',
    })
  },
  'reading an inbox': async () => {
    await publish(store)
    await store.unread('s1', 10)
    await take(store, 's1')
    await store.hasOpenOffer('s1')
    await confirm(store, 's1')
    await acknowledge(store, 's1', 0, true)
  },
  'taking over what an ended session left': async () => {
    for (const id of ['ended', 'next']) {
      await done(
        store,
        { kind: 'createSession', session: aSession(id) },
        { kind: 'follow', sessionId: id, channels: [`session:${id}`], backfillMs: 0 },
      )
    }
    for (const urgency of ['quiet', 'now', 'now'] as const)
      await publish(store, { channels: ['session:ended'], urgency })
    await done(store, { kind: 'endSession', id: 'ended', reason: '' })
    await store.unreadDirect('ended', 10)
    await done(store, { kind: 'takeOver', sessionId: 'next', endedId: 'ended' })
    await take(store, 'next')
    await acknowledge(store, 'next', 0, true)
  },
  'asking what became of an event': () => store.receipts(1, 10),
  'reading the log by each filter': async () => {
    for (const query of [
      {},
      { after: 1, before: 9 },
      { channels: ['all', 'topic:a'] },
      { types: ['a', 'b'] },
      { senderId: 'x' },
      { notSenderId: 'x' },
      { thread: 't' },
      { minLevel: 'actionable' },
      { query: 'hello' },
      { query: 'hello', channels: ['all'], types: ['a'] },
      { channels: ['all'], types: ['a'], senderId: 'x', thread: 't', minLevel: 'info' },
    ] as const) {
      await store.events({ ...page, ...query })
      await store.events({ ...page, ...query, order: 'asc' })
    }
  },
  'finding sessions': async () => {
    await store.session('s1')
    await store.sessionOfClient('operator', 'm1', 'c')
    await store.sessionsCalled('s1')
    for (const query of [{}, { repo: 'r' }, { machine: 'm1' }, { repo: 'r', machine: 'm1' }]) {
      await store.sessions({ ...bySeen, ...query })
    }
    await store.isFollowed('all')
    await store.followers(['all', 'topic:a'], 10)
  },
  'sharing state': async () => {
    const writer = { by: 's1', byName: 's1' }
    await done(store, { kind: 'putState', key: 'a', value: 1, mode: 'overwrite', ...writer })
    await store.state('a')
    await store.state('a', 1)
    await store.states('', 10)
    await store.states('a', 10)
    await store.stateHistory('a', 10)
    await done(store, { kind: 'deleteState', key: 'a', ...writer })
  },
  'claiming and releasing': async () => {
    await done(store, { kind: 'claim', area: 'r', path: 'a', sessionId: 's1', ttlMs: 1_000 })
    await store.claims({ area: 'r', limit: 99 })
    await store.claims({ sessionId: 's1', limit: 99 })
    await done(store, { kind: 'release', area: 'r', path: 'a' })
  },
  'ending sessions, sweeping and pruning': () =>
    done(
      store,
      { kind: 'sweep', silentMs: 1 },
      { kind: 'expire' },
      { kind: 'renewClaims', sessionId: 's1' },
      { kind: 'endSession', id: 's1', reason: '' },
      { kind: 'prune', olderThanMs: 1_000, keepNewest: 1, forgetEndedMs: 0 },
    ),
}

test.each(Object.entries(hot))('%s looks at no table whole', async (_, work) => {
  const plans = plansOf(await statementsOf(work))
  expect(plans.length).toBeGreaterThan(0)
  expect(plans.filter(({ detail }) => GROWING.test(detail))).toEqual([])
})

test('unread mail and pages of the log are read in the order of an index, without sorting', async () => {
  const texts = await statementsOf(async () => {
    await hot['joining and following']?.().catch(() => undefined)
    await hot['reading the log by each filter']!()
    await store.unread('s1', 10)
    await store.sessions({ limit: 10, repo: 'r' })
  })
  const sorting = plansOf(texts).filter(({ detail }) => detail.includes('TEMP B-TREE'))
  expect(sorting).toEqual([])
})

test('a plan that looks at a table whole would be noticed', () => {
  const plans = plansOf(['SELECT * FROM events WHERE at > ?', 'SELECT * FROM sessions WHERE +name = ?'])
  expect(plans.filter(({ detail }) => GROWING.test(detail))).toHaveLength(2)
})
