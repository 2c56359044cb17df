import type { Caller } from './access.ts'
import type { PlaceName } from './limits.ts'
import { shareOf } from './share.ts'

/** How many calls and streams each holder has open. One that has none costs nothing. */
export class OpenPlaces {
  readonly #open = new Map<string, number>()

  /** Takes a place, where the caller's holder has one left. Gives the way to free it, which works once. */
  take(caller: Caller, name: PlaceName): (() => void) | undefined {
    const share = shareOf(caller, name)
    if (share === undefined) return () => undefined
    const key = `${name} ${share.holder}`
    const open = this.#open.get(key) ?? 0
    if (open >= share.max) return undefined
    this.#open.set(key, open + 1)
    let isTaken = true
    return () => {
      if (isTaken) this.#free(key)
      isTaken = false
    }
  }

  #free(key: string): void {
    const left = this.#open.get(key)! - 1
    if (left === 0) this.#open.delete(key)
    else this.#open.set(key, left)
  }
}
