/** Answers that are asked for again and again, until they are forgotten. At most so many; then it begins anew. */
const MAX_ANSWERS = 1_000

export class Memo<T> {
  readonly #answers = new Map<string, T>()

  /** The remembered answer, or that of `ask`. */
  of(key: string, ask: () => T): T {
    const known = this.#answers.get(key)
    if (known !== undefined || this.#answers.has(key)) return known as T
    const answer = ask()
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear()
    this.#answers.set(key, answer)
    return answer
  }

  forget(): void {
    this.#answers.clear()
  }
}
