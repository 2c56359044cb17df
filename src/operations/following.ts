import { channelsOf } from '../bus/address.ts'
import type { Session } from '../bus/session.ts'

/** How far back the channel of another repo is unread for a session that moves there, or whose repo got another name. */
const OF_A_MOVE_MS = 3600_000

/** Makes a session follow the channels that its facts name. */
export function followCommand(
  session: Pick<Session, 'id' | 'repo' | 'machine' | 'role' | 'topics'>,
  backfillMs = OF_A_MOVE_MS,
) {
  return { kind: 'follow', sessionId: session.id, channels: channelsOf(session), backfillMs } as const
}
