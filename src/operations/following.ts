import { channelsOf } from '../bus/address.ts'
import type { Session } from '../bus/session.ts'

/** How far back a channel is unread for a session that begins to follow it. */
export const DEFAULT_BACKFILL_MS = 3600_000

/** Makes a session follow the channels that its facts name. */
export function followCommand(
  session: Pick<Session, 'id' | 'repo' | 'machine' | 'role' | 'topics'>,
  backfillMs = DEFAULT_BACKFILL_MS,
) {
  return { kind: 'follow', sessionId: session.id, channels: channelsOf(session), backfillMs } as const
}
