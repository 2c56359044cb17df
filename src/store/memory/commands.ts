import type { Command, Commands } from '../../bus/store.ts'
import { claim, moveClaims, release, renewClaims } from './claims.ts'
import { append } from './events.ts'
import { acknowledge, confirm, expire, offer, takeOver } from './inbox.ts'
import { prune } from './prune.ts'
import { createSession, endSession, sweep, touch, updateSession } from './sessions.ts'
import { deleteState, putState } from './state.ts'
import { follow } from './subscriptions.ts'
import type { Tables } from './tables.ts'
import { beginTalk, beginTalks, continueTalk } from './talk.ts'
import { keep, narrowToken, putToken, revokeToken } from './tokens.ts'

type Handlers = {
  [K in keyof Commands]: (tables: Tables, now: number, needs: Commands[K]['needs']) => Commands[K]['gives']
}

const handlers: Handlers = {
  createSession,
  updateSession,
  endSession,
  touch,
  sweep,
  follow,
  append,
  offer,
  takeOver,
  continueTalk,
  beginTalk,
  beginTalks,
  confirm,
  acknowledge,
  putState,
  deleteState,
  claim,
  moveClaims,
  release,
  putToken,
  revokeToken,
  narrowToken,
  keep,
  prune,
  renewClaims,
  expire,
}

export function execute(tables: Tables, now: number, command: Command): unknown {
  const handler = handlers[command.kind] as (tables: Tables, now: number, needs: Command) => unknown
  return handler(tables, now, command)
}
