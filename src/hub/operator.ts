import { OPERATOR_ID } from '../bus/access.ts'
import { channelOf } from '../bus/address.ts'
import type { Store } from '../bus/store.ts'

/** Gives the human a place on the bus: a session that follows its own channel and nothing else, and never ends. */
export async function ensureOperator(store: Store, machine: string): Promise<void> {
  if (await store.session(OPERATOR_ID)) return
  const commit = await store.commit([
    {
      kind: 'createSession',
      session: {
        id: OPERATOR_ID,
        name: OPERATOR_ID,
        codename: OPERATOR_ID,
        machine,
        grantor: OPERATOR_ID,
        owns: [],
        topics: [],
      },
    },
    {
      kind: 'follow',
      sessionId: OPERATOR_ID,
      channels: [channelOf({ kind: 'session', value: OPERATOR_ID })],
      backfillMs: 0,
    },
  ])
  if (!commit.ok) throw new Error(`the store refused a session for the operator: ${commit.conflict.code}`)
}
