import { join } from 'node:path'
import type { Store } from '../../../src/bus/store.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { anEvent, aSession, done, START_MS, take } from '../bench.ts'
import { TestMachine } from '../test-machine.ts'

const SESSIONS = Array.from({ length: 12 }, (_, n) => `s${n}`)
const KEYS = Array.from({ length: 15 }, (_, n) => `plan/${n}`)
const EVENTS = 120

/** A file in which every table has rows, some of them in the log beside it until it is closed. */
export async function populate(folder: string, clock = new TestMachine(START_MS)): Promise<Store> {
  const store = await openSqliteStore({ path: join(folder, 'bus.db'), clock, isAlone: true })
  for (const [n, scope] of (['read', 'publish', 'terminal'] as const).entries()) {
    await done(store, {
      kind: 'putToken',
      token: { id: `tok_${n}`, name: `ci ${n}`, hash: `hash ${n}`, scopes: [scope] },
    })
  }
  for (const [n, id] of SESSIONS.entries()) {
    const more = {
      repo: `acme/r${n % 3}`,
      role: `role ${n % 4}`,
      topics: [`topic ${n}`],
      owns: [`src/${n}/**`],
      clientId: `c${n}`,
    }
    await done(
      store,
      { kind: 'createSession', session: aSession(id, { ...more, grantor: n % 5 === 0 ? 'tok_0' : 'operator' }) },
      {
        kind: 'follow',
        sessionId: id,
        channels: ['all', `session:${id}`, `repo:acme/r${n % 3}`, 'topic:t'],
        backfillMs: 0,
      },
    )
  }
  for (let n = 0; n < EVENTS; n++) {
    clock.ms += 1_000
    const to = SESSIONS[(n * 7) % SESSIONS.length]!
    const event = anEvent({
      senderId: SESSIONS[n % SESSIONS.length]!,
      senderName: `sender ${n}`,
      type: n % 4 === 0 ? 'ci_failed' : 'message',
      level: (['lifecycle', 'info', 'actionable'] as const)[n % 3]!,
      channels: n % 2 === 0 ? ['all'] : [`session:${to}`, 'topic:t'],
      text: `event ${n} ${'with some text of a usual length '.repeat(n % 6)}`,
      ...(n % 5 === 0 ? { thread: `t${n % 15}`, data: { build: n, ok: false } } : {}),
      ...(n % 9 === 0 ? { expiresAt: clock.ms + 3_600_000 } : {}),
      ...(n % 11 === 10 ? { replyTo: n - 1 } : {}),
      ...(n % 50 === 49 ? { held: 'too many hops' } : {}),
    })
    await store.commit([{ kind: 'append', event }], { scope: 'x publish', key: `k${n}`, fingerprint: `f${n}` })
    if (n % 20 === 0) await take(store, to, 5)
    if (n % 20 === 10) await done(store, { kind: 'confirm', sessionId: to, proof: 'next call' })
    if (n % 40 === 30) await done(store, { kind: 'acknowledge', sessionId: to, upTo: n, proof: 'ack' })
  }
  for (const [n, key] of KEYS.entries()) {
    for (let version = 0; version <= n % 4; version++) {
      const write = {
        kind: 'putState',
        key,
        value: { n, version, text: 'x'.repeat(40 * n) },
        mode: 'overwrite',
      } as const
      await store.commit([{ ...write, by: 's0', byName: 's0' }], {
        scope: 'x state',
        key: `${key} ${version}`,
        fingerprint: 'f',
      })
    }
    if (n % 6 === 5) await done(store, { kind: 'deleteState', key, by: 's1', byName: 's1' })
    const claim = {
      kind: 'claim',
      area: `r${n % 2}`,
      path: `src/${n}.ts`,
      ttlMs: 3_600_000,
      note: `because of ${n}`,
    } as const
    await done(store, { ...claim, sessionId: SESSIONS[n % 6]! })
  }
  await done(store, { kind: 'keep', name: 'secret', value: 'a secret' }, { kind: 'revokeToken', name: 'ci 1' })
  const left = { kind: 'endSession', id: 's10', reason: 'left' } as const
  await done(store, left, { kind: 'takeOver', sessionId: 's9', endedId: 's10' })
  await done(store, { kind: 'endSession', id: 's11', reason: 'left' })
  clock.ms += 10
  await done(store, { kind: 'prune', forgetEndedMs: 5 })
  await new Promise(resolve => setImmediate(resolve))
  return store
}

export type Answers = ReadonlyMap<string, unknown>

/** An answer, or that there was none. */
export const FAULT = Symbol('fault')

/** Everything that a store can be asked about what was put into it. */
export async function askAll(store: Store, path: string): Promise<Answers> {
  const answers = new Map<string, unknown>()
  const ask = async (question: string, answer: Promise<unknown>) => {
    answers.set(
      question,
      await answer.catch((error: Error & { code?: string }) => {
        // A fault that does not name the file is a bug, like any other error.
        if (error.code?.startsWith('store_') && error.message.includes(path)) return FAULT
        throw error
      }),
    )
  }
  const all = { order: 'asc', limit: 500 } as const
  await ask('bounds', store.bounds())
  await ask('sessions', store.sessions({ includeEnded: true, limit: 100 }))
  await ask('sessions of repo', store.sessions({ repo: 'acme/r1', limit: 100 }))
  await ask('channels', store.channels(100))
  await ask('tokens', store.tokens())
  await ask('claims', store.claims({ limit: 100 }))
  await ask('claims of area', store.claims({ area: 'r1', limit: 100 }))
  await ask('kept', store.kept('secret'))
  await ask('nextExpiry', store.nextExpiry())
  await ask('states', store.states('plan/', 100))
  await ask('log', events(store.events(all)))
  await ask('log backwards', events(store.events({ ...all, order: 'desc' })))
  for (const query of [
    { types: ['ci_failed'] },
    { senderId: 's3' },
    { thread: 't5' },
    { minLevel: 'actionable' },
    { channels: ['topic:t'] },
    { query: 'usual' },
  ] as const) {
    await ask(`log ${JSON.stringify(query)}`, events(store.events({ ...all, ...query })))
  }
  for (const kind of ['repo', 'machine', 'role', 'topic'] as const) await ask(`known ${kind}`, store.known(kind, 100))
  for (const n of [0, 1, 2]) {
    await ask(`token ${n}`, store.token(`tok_${n}`))
    await ask(`hash ${n}`, store.tokenOfHash(`hash ${n}`))
  }
  for (const [n, id] of SESSIONS.entries()) {
    await ask(`session ${id}`, store.session(id))
    await ask(`called ${id}`, store.sessionsCalled(id))
    await ask(`called code-${id}`, store.sessionsCalled(`code-${id}`))
    await ask(`client ${id}`, store.sessionOfClient(n % 5 === 0 ? 'tok_0' : 'operator', 'm1', `c${n}`))
    await ask(`followers ${id}`, store.followers([`session:${id}`], 100))
    await ask(
      `unread ${id}`,
      store.unread(id, 100).then(({ messages }) => messages),
    )
    await ask(`open offer ${id}`, store.hasOpenOffer(id))
    await ask(`lapse ${id}`, store.lapse({ kind: 'session', id, scope: 'publish' }))
    await ask(`claims of ${id}`, store.claims({ sessionId: id, limit: 100 }))
    await ask(`talk ${id}`, store.talk(id))
  }
  await ask('followers', store.followers(['all', 'topic:t'], 100))
  for (const key of KEYS) {
    await ask(`state ${key}`, store.state(key))
    await ask(`history ${key}`, store.stateHistory(key, 100))
  }
  for (let id = 1; id <= EVENTS; id++) {
    await ask(`event ${id}`, store.event(id))
    await ask(`receipts ${id}`, store.receipts(id, 100))
  }
  return answers
}

async function events(page: ReturnType<Store['events']>): Promise<unknown> {
  return (await page).events
}
