import type { StoredEvent } from '../bus/event.ts'

/** An event and its bytes on the wire, encoded once for however many streams. */
export interface Frame {
  readonly event: StoredEvent
  readonly bytes: Uint8Array
}

/** A burst of this much is served from memory to streams that lag behind; beyond it they read the store. */
const MAX_FRAMES = 1_024
const MAX_BYTES = 4 * 1024 * 1024

/**
 * The newest events without a hole: everything after `floor` up to `head` is here. Bounded in number and bytes, so
 * that it costs the same whatever the slowest reader does.
 */
export class Ring {
  #frames: Frame[] = []
  #bytes = 0
  #floor = 0
  #head = 0

  get floor(): number {
    return this.#floor
  }

  get head(): number {
    return this.#head
  }

  /** Forgets everything: what comes next comes after this id. */
  restart(after: number): void {
    this.#frames = []
    this.#bytes = 0
    this.#floor = after
    this.#head = after
  }

  push(frame: Frame): void {
    this.#frames.push(frame)
    this.#bytes += frame.bytes.byteLength
    this.#head = frame.event.id
    while (this.#frames.length > MAX_FRAMES || (this.#bytes > MAX_BYTES && this.#frames.length > 1)) {
      const oldest = this.#frames.shift()!
      this.#bytes -= oldest.bytes.byteLength
      this.#floor = oldest.event.id
    }
  }

  /** What comes after this id, oldest first; undefined where some of it has left the ring. */
  after(id: number): Iterable<Frame> | undefined {
    return id < this.#floor ? undefined : this.#from(this.#indexAfter(id))
  }

  *#from(index: number): Iterable<Frame> {
    const frames = this.#frames
    for (let i = index; i < frames.length; i++) yield frames[i]!
  }

  #indexAfter(id: number): number {
    let [low, high] = [0, this.#frames.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#frames[middle]!.event.id > id) high = middle
      else low = middle + 1
    }
    return low
  }
}
