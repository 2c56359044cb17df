import type { Commands, Commits, IdempotencyKey, PiecewiseKind } from '../bus/store.ts'
import { committed } from './commit.ts'

type Piece<K extends PiecewiseKind> = { readonly kind: K } & Commands[K]['needs']

/**
 * Carries out a command that is done in pieces, and gives what each of them did. Every piece is a commit of its own on the
 * caller's authority, and commits of others come between two. With a key, a call that broke off and is repeated gets the
 * answers of the pieces that are done, and goes on behind them.
 */
export async function* inPieces<K extends PiecewiseKind>(
  store: Commits,
  command: Piece<K>,
  key?: IdempotencyKey,
): AsyncGenerator<Commands[K]['gives'], void> {
  let from: unknown = command.from
  for (let done = 0; ; done++) {
    const piece = from === undefined ? command : { ...command, from }
    const [gives] = committed(await store.commit([piece as never], key && keyOfCommit(key, done))) as readonly [
      Commands[K]['gives'],
    ]
    yield gives
    if (gives.next === undefined) return
    from = gives.next
  }
}

/** Of one of several commits of one call: an answer is kept under its key for good. */
export function keyOfCommit(key: IdempotencyKey, before: number): IdempotencyKey {
  return before === 0 ? key : { ...key, key: `${key.key} ${before}` }
}
