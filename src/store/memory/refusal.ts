import type { Conflict } from '../../bus/store.ts'

/** Leaves a half-done commit; the caller of `commit` gets the conflict as data. */
export class Refusal extends Error {
  readonly conflict: Conflict

  constructor(conflict: Conflict) {
    super(conflict.code)
    this.conflict = conflict
  }
}
