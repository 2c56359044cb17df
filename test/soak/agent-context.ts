/** A letter as it stands before the model. */
export interface Letter {
  readonly id: number
  readonly isRepeat: boolean
}

/** The letters in what a hook adds to the context, those that are collapsed into "the same again" included. */
export function lettersIn(text: string): Letter[] {
  const fences = [...text.matchAll(/^<switchboard-message id="(\d+)"([^>]*)>$/gm)]
  const again = [...text.matchAll(/^\(.* sent the same again: id (\d+)\)$/gm)]
  return [
    ...fences.map(([, id, attributes = '']) => ({
      id: Number(id),
      isRepeat: attributes.includes('repeat="possible"'),
    })),
    ...again.map(([, id]) => ({ id: Number(id), isRepeat: false })),
  ]
}

/**
 * What stands before the model of one session. Letters are given to the client first (`given`), and are read with the
 * next request to the model (`request`). In between the client may die with them, or have them in its transcript.
 */
export class AgentContext {
  /** Read by the model, ever. */
  readonly seen = new Set<number>()
  /** Letters that stood twice in one context without an excuse. */
  readonly doubled: string[] = []
  /** In this context, with the number of kills before it was given. */
  readonly #read = new Map<number, number>()
  #waiting: (Letter & { life: number })[] = []
  #life = 0

  given(letters: readonly Letter[]): void {
    this.#waiting.push(...letters.map(letter => ({ ...letter, life: this.#life })))
  }

  /** It stands in the transcript of this process and goes along with the next request: the user interrupted the turn. */
  isWaiting(id: number): boolean {
    return this.#waiting.some(letter => letter.id === id && letter.life === this.#life)
  }

  /** The model is asked; gives what it has never read before. */
  request(): number[] {
    const news = this.#waiting.map(({ id }) => id).filter(id => !this.seen.has(id))
    for (const { id, isRepeat, life } of this.#waiting) {
      const readIn = this.#read.get(id)
      const isExcused = isRepeat && readIn !== undefined && readIn < life
      if (readIn !== undefined && !isExcused) this.doubled.push(`${id}${isRepeat ? ', marked without a kill' : ''}`)
      this.#read.set(id, life)
      this.seen.add(id)
    }
    this.#waiting = []
    return news
  }

  /** The client dies; what the model was not asked about yet is in its transcript, or is not. */
  killed(options: { keepsWaiting: boolean }): void {
    if (!options.keepsWaiting) this.#waiting = []
    this.#life++
  }

  /** After `/clear` or `/compact` nothing of it is left. */
  emptied(): void {
    this.#read.clear()
    this.#waiting = []
  }

  /** The client compacts by itself in mid-turn: what the model was not asked with yet stands behind the summary. */
  summedUp(): void {
    this.#read.clear()
  }
}
