import type { Command, Commands } from '../../bus/store.ts'
import { claim, moveClaims, release, renewClaims } from './claims.ts'
import { append } from './events.ts'
import { acknowledge, confirm, offer } from './inbox.ts'
import { keep } from './keep.ts'
import { expire } from './outcomes.ts'
import { prune } from './prune.ts'
import { createSession, endSession, touch, updateSession } from './sessions.ts'
import { deleteState, putState } from './state.ts'
import { follow } from './subscriptions.ts'
import { sweep } from './sweep.ts'
import { takeOver } from './take-over.ts'
import { beginTalk, beginTalks, continueTalk } from './talk.ts'
import { narrowToken, putToken, revokeToken } from './tokens.ts'
import type { Transaction } from './transaction.ts'

type Handlers = {
  [K in keyof Commands]: (transaction: Transaction, needs: Commands[K]['needs']) => Commands[K]['gives']
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

export function execute(transaction: Transaction, command: Command): unknown {
  const handler = handlers[command.kind] as (transaction: Transaction, needs: Command) => unknown
  return handler(transaction, command)
}
