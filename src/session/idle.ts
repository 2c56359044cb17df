import type { ClientStatus } from './client-status.ts'

/** What the agent is doing, and whether the hook that ends a turn has told of it as well. */
export interface Seen extends ClientStatus {
  readonly isTold: boolean
}

/** A date of whole milliseconds tells a moment no better. */
const SAME_MOMENT_MS = 2
/** The client calls itself idle within this of the hook that ends a turn: other hooks of that end may still run. */
const TURN_ENDS_MS = 1_000
/**
 * A person who has pressed Esc or said "No" in a dialog is about to type, and a client that has just started is about to
 * take up its first prompt.
 */
const CALM_MS = 3_000

/** Whichever of the hooks and the client's status file is newer. */
export function newerOf(told: Seen | undefined, said: ClientStatus | undefined): Seen | undefined {
  if (said === undefined) return told
  if (told === undefined) return { ...said, isTold: false }
  // Of the same moment the file: it is written again when things change, and an interrupted turn sends no hook.
  if (said.since < told.since - SAME_MOMENT_MS) return told
  const isTold = told.isTold && said.state === told.state && said.since <= told.since + TURN_ENDS_MS
  return { ...said, isTold }
}

/**
 * From when on an idle agent may be woken:
 *
 *   its turn has ended with a hook ────────────────────────────▶ at once
 *   only its client calls it idle (Esc, a "No", a start) ──────▶ once that has lasted for 3 s
 */
export function calmFrom({ since, isTold }: Seen): number {
  return isTold ? since : since + CALM_MS
}
