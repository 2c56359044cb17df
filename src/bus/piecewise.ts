import type { Command, PiecewiseKind } from './store.ts'

/** A record, so that the types notice one that is missing. */
const PIECEWISE: Readonly<Record<PiecewiseKind, true>> = {
  acknowledge: true,
  beginTalks: true,
  expire: true,
  moveClaims: true,
  prune: true,
  revokeToken: true,
  sweep: true,
  takeOver: true,
}

/** Whether these do a piece of something that may be long. */
export function isPiece(commands: readonly Command[]): boolean {
  return commands.some(({ kind }) => kind in PIECEWISE)
}
