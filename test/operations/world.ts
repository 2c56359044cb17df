import { createHash } from 'node:crypto'
import { type Caller, OPERATOR_ID, SCOPES, SESSION_SCOPES } from '../../src/bus/access.ts'
import { EditBoard } from '../../src/bus/edit-board.ts'
import type { Store } from '../../src/bus/store.ts'
import { WakeBudget } from '../../src/bus/wake-budget.ts'
import type { Bus } from '../../src/operations/bus.ts'
import type { InputOf, OperationName, OutputOf } from '../../src/operations/index.ts'
import { invoke } from '../../src/operations/invoke.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { TestMachine } from '../contract/test-machine.ts'

export type Act = <N extends OperationName>(name: N, input: InputOf<N>, key?: string) => Promise<OutputOf<N>>

/** A bus with a clock of its own, on the memory store unless told otherwise: operations without any door. */
export async function openWorld(
  openStore: (clock: TestMachine) => Store | Promise<Store> = clock => createMemoryStore({ clock }),
) {
  const clock = new TestMachine(Date.parse('2026-01-01T00:00:00Z'))
  let serial = 0
  const store = await openStore(clock)
  const bus: Bus = {
    store,
    edits: new EditBoard(),
    wakes: new WakeBudget(),
    onClaimedEdit: () => 'ask',
    presence: { touch: () => {}, changed: () => {}, seenAt: session => session.seenAt },
    machine: 'desk',
    version: 'test',
    newSessionId: () => `ses_${String(++serial).padStart(12, '0')}`,
    random: Math.random,
    newTokenSecret: () => `swb_token_${++serial}`,
    sessionCredential: id => `swb_session_${id}`,
    digest: text => createHash('sha256').update(text).digest('hex'),
    checksum: text => text,
    nextEvent: (ms, signal) =>
      new Promise(resolve => {
        // biome-ignore lint/plugin: how long a caller waits for mail is part of what it asks.
        const timer = setTimeout(() => done(false), ms)
        const stop = store.onAppend(() => done(true))
        const done = (came: boolean) => {
          clearTimeout(timer)
          stop()
          resolve(came)
        }
        signal.addEventListener('abort', () => done(false))
      }),
  }
  await store.commit([
    {
      kind: 'createSession',
      session: {
        id: OPERATOR_ID,
        name: OPERATOR_ID,
        codename: OPERATOR_ID,
        machine: 'desk',
        agent: 'human',
        owns: [],
        topics: [],
      },
    },
    { kind: 'follow', sessionId: OPERATOR_ID, channels: [`session:${OPERATOR_ID}`], backfillMs: 0 },
  ])

  function as(caller: Caller): Act {
    return async (operation, input, key) =>
      (await invoke(bus, {
        operation,
        input,
        caller,
        patience: new AbortController(),
        ...(key === undefined ? {} : { key }),
      })) as never
  }
  const operator = as({ kind: 'operator', id: OPERATOR_ID, name: OPERATOR_ID, scopes: new Set(SCOPES) })
  const token = (name: string, machine = name) =>
    as({ kind: 'token', id: `token:${name}`, name, scopes: new Set(['read', 'publish']), machine })
  const sessionById = (id: string) => as({ kind: 'session', id, name: id, scopes: new Set(SESSION_SCOPES) })

  return {
    bus,
    store,
    operator,
    token,
    sessionById,
    /** Registers a session and gives what acts as it. */
    async join(name: string, more: Omit<InputOf<'register'>, 'name'> = {}) {
      const joined = await operator('register', { name, ...more })
      return Object.assign(sessionById(joined.session_id), { joined })
    },
    pass(ms: number) {
      clock.ms += ms
    },
  }
}
