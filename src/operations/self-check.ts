import { z } from 'zod'
import { OPERATOR_ID } from '../bus/access.ts'
import { channelsOf } from '../bus/address.ts'
import { drawCodename } from '../bus/codename.ts'
import { CHECK_RECEIVER_ID, CHECK_SENDER_ID } from '../bus/own-sessions.ts'
import type { NewSession } from '../bus/session-patch.ts'
import { refusal } from './commit.ts'
import { type Call, defineOperation } from './operation.ts'

const member = z.object({ session_id: z.string(), name: z.string(), credential: z.string() })

export const selfCheckPair = defineOperation({
  name: 'self_check_pair',
  title: 'The two sessions between which a check sends its message',
  description:
    'For programs that check the hub: always the same two sessions, which are in no list, and how to act as them.',
  toolset: 'hooks',
  scope: 'admin',
  effect: 'write',
  provesReading: false,
  input: z.strictObject({}),
  output: z.object({ sender: member, receiver: member }),
  command: {},
  async run(call) {
    return {
      sender: await memberOf(call, CHECK_SENDER_ID, 'self-check-a'),
      receiver: await memberOf(call, CHECK_RECEIVER_ID, 'self-check-b'),
    }
  },
})

async function memberOf(call: Call, id: string, name: string): Promise<z.input<typeof member>> {
  const session = (await call.bus.store.session(id)) ?? (await made(call, id, name))
  return { session_id: session.id, name: session.name, credential: call.bus.sessionCredential(session) }
}

/** Nobody is told of it: it is nobody's peer. */
async function made(call: Call, id: string, name: string) {
  const { machine, random, store } = call.bus
  const session: NewSession = {
    id,
    name,
    codename: drawCodename(random),
    agent: 'switchboard',
    machine,
    grantor: OPERATOR_ID,
    owns: [],
    topics: [],
  }
  const commit = await call.commit([
    { kind: 'createSession', session },
    { kind: 'follow', sessionId: id, channels: channelsOf(session), backfillMs: 0 },
  ])
  if (commit.ok) return commit.results[0]
  // Another check was faster.
  const present = await store.session(id)
  if (present === undefined) throw refusal(commit.conflict, commit.at)
  return present
}
