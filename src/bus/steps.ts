/**
 * A budget of counted work. Two lengths that are bounded one by one still multiply, so whatever compares what callers
 * wrote takes its steps from one budget, and says what it answers when that is used up. Steps and not milliseconds: the
 * same input ends the same way on every machine, and a test can count them.
 */
export class Steps {
  readonly #limit: number
  #left: number

  constructor(limit: number) {
    this.#limit = limit
    this.#left = limit
  }

  /** Takes so many; false once they are used up, and from then on. */
  take(count = 1): boolean {
    this.#left -= count
    return this.#left >= 0
  }

  get areUsedUp(): boolean {
    return this.#left < 0
  }

  get used(): number {
    return this.#limit - this.#left
  }
}
