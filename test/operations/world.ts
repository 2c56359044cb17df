import { createHash } from 'node:crypto'
import { type Caller, OPERATOR_ID, SCOPES, type Scope, sessionScopes } from '../../src/bus/access.ts'
import { EditBoard } from '../../src/bus/edit-board.ts'
import { Rates } from '../../src/bus/rates.ts'
import type { Store } from '../../src/bus/store.ts'
import { WakeBudget } from '../../src/bus/wake-budget.ts'
import type { InputOf, OperationName, OutputOf } from '../../src/operations/index.ts'
import { invoke, type WritableBus } from '../../src/operations/invoke.ts'
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
  const bus: WritableBus = {
    store,
    edits: new EditBoard(),
    wakes: new WakeBudget(),
    rates: new Rates(),
    steadyMs: () => clock.steady(),
    onClaimedEdit: () => 'ask',
    presence: { touch: () => {}, changed: () => {}, isAttached: () => false, seenAt: session => session.seenAt },
    machine: 'desk',
    version: 'test',
    newSessionId: () => `ses_${String(++serial).padStart(12, '0')}`,
    random: Math.random,
    newTokenSecret: key => `swb_token_${key === undefined ? ++serial : `${key.scope} ${key.key}`}`,
    sessionCredential: ({ id, readmissions = '' }) => `swb_session_${id}${readmissions}`,
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
        grantor: OPERATOR_ID,
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
  const operator = as({
    kind: 'operator',
    id: OPERATOR_ID,
    name: OPERATOR_ID,
    scopes: new Set(SCOPES),
    grantor: OPERATOR_ID,
  })
  /** Makes a token and gives what acts as it. */
  async function token(name: string, options: { machine?: string; scopes?: Scope[] } = {}): Promise<Act> {
    const made = await operator('create_token', { name, ...options })
    const { id, scopes } = (await store.tokenOfHash(bus.digest(made.token)))!
    const machine = made.machine!
    return as({ kind: 'token', id: `token:${name}`, name, scopes: new Set(scopes), machine, grantor: id })
  }
  const sessionById = (id: string, grantor = OPERATOR_ID, scopes = sessionScopes()) =>
    as({ kind: 'session', id, name: id, scopes, grantor })

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
