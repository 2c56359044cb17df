import type { StoredEvent } from '../bus/event.ts'

/** How a door writes what a stream says. */
export interface Encoder {
  ready(newest: number): Uint8Array
  event(event: StoredEvent): Uint8Array
  /** Some of what came after the reader's cursor is gone; what is left follows. */
  reset(bounds: { oldest: number; newest: number }): Uint8Array
  readonly keepAlive: Uint8Array
  readonly farewell: Uint8Array
}
