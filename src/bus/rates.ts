import type { Caller } from './access.ts'
import { type Bucket, msUntilRoom } from './bucket.ts'
import type { RateName } from './limits.ts'
import { type Share, shareOf } from './share.ts'
import type { Command } from './store.ts'

const PER_MS = 60_000

/** Commands of which a holder may make so many in a minute. */
const RATES: Partial<Record<Command['kind'], RateName>> = {
  append: 'eventsPerMinute',
  createSession: 'newSessionsPerMinute',
}

/** What commands are to make of one kind, and in whose share that counts. */
export interface Made {
  readonly name: RateName
  readonly share: Share
  readonly count: number
}

export interface Exceeded extends Made {
  readonly waitMs: number
}

/** Empty where nothing of it has a rate for this caller. */
export function madeBy(caller: Caller, commands: readonly Command[]): Made[] {
  const counts = new Map<RateName, number>()
  for (const { kind } of commands) {
    const name = RATES[kind]
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const made: Made[] = []
  for (const [name, count] of counts) {
    const share = shareOf(caller, name)
    if (share !== undefined) made.push({ name, share, count })
  }
  return made
}

/**
 * How much each holder has made of late. In memory only: a restart of the hub grants another minute's worth, and no more.
 * Times are of a steady clock. A bucket that has had its minute is full again and is forgotten, so that there are never
 * more of them than holders that were active within a minute.
 */
export class Rates {
  /** Those untouched for longest come first. */
  readonly #buckets = new Map<string, Bucket>()

  get size(): number {
    return this.#buckets.size
  }

  /** Which of it is more than its holder may make now. More than fits into a whole minute passes when nothing is used up. */
  exceeded(made: readonly Made[], now: number): Exceeded | undefined {
    for (const each of made) {
      const { count, share } = each
      const waitMs = msUntilRoom(this.#bucketOf(each, now), Math.min(count, share.max), share.max, PER_MS, now)
      if (waitMs > 0) return { ...each, waitMs }
    }
    return undefined
  }

  /** Whether or not there is room for it. */
  add(made: readonly Made[], now: number): void {
    for (const each of made) {
      const bucket = this.#bucketOf(each, now)
      msUntilRoom(bucket, 0, each.share.max, PER_MS, now)
      bucket.used += each.count
    }
  }

  /** It was not made after all. */
  takeBack(made: readonly Made[]): void {
    for (const each of made) {
      const bucket = this.#buckets.get(keyOf(each))
      if (bucket !== undefined) bucket.used = Math.max(0, bucket.used - each.count)
    }
  }

  #bucketOf(made: Made, now: number): Bucket {
    for (const [key, { at }] of this.#buckets) {
      if (now - at < PER_MS) break
      this.#buckets.delete(key)
    }
    const key = keyOf(made)
    const bucket = this.#buckets.get(key) ?? { used: 0, at: now }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    return bucket
  }
}

function keyOf({ name, share }: Made): string {
  return `${name} ${share.holder}`
}
