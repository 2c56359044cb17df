import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StoredEvent } from '../../src/bus/event.ts'
import type { NewEvent, Store } from '../../src/bus/store.ts'
import type { Encoder } from '../../src/delivery/encoder.ts'
import { FanOut } from '../../src/delivery/fan-out.ts'
import type { Sink } from '../../src/delivery/live-stream.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { randomFrom } from '../linearizability/random.ts'
import { seed } from '../tier.ts'
import { untilPasses } from '../until.ts'

let store: Store
let encoded: number[]
let faults: unknown[]
let fanOut: FanOut

const encode: Encoder = {
  ready: newest => Buffer.from(`ready ${newest}`),
  event(event) {
    encoded.push(event.id)
    return Buffer.from(String(event.id))
  },
  receipt: ({ eventId, state }) => Buffer.from(`receipt ${eventId} ${state}`),
  change: ({ type, from, text }) => Buffer.from(`change ${type} ${from} ${text}`),
  reset: ({ oldest, newest }) => Buffer.from(`reset ${oldest} ${newest}`),
  keepAlive: Buffer.from('here'),
  farewell: Buffer.from('bye'),
}

beforeEach(() => {
  store = createMemoryStore()
  encoded = []
  faults = []
  fanOut = new FanOut({ store, encode, onError: error => faults.push(error) })
})

afterEach(async () => {
  fanOut.close()
  await store.close()
  vi.useRealTimers()
  expect(faults).toEqual([])
})

/** A reader whose socket takes as many frames as it is allowed to. */
class Reader implements Sink {
  readonly frames: string[] = []
  room: number
  #reader: { drained(): void; gone(): void } | undefined

  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room
  }

  write(bytes: Uint8Array): boolean {
    this.frames.push(Buffer.from(bytes).toString())
    return --this.room > 0
  }

  tell(reader: { drained(): void; gone(): void }): void {
    this.#reader = reader
  }

  end(farewell: Uint8Array): void {
    this.frames.push(Buffer.from(farewell).toString())
  }

  drain(room: number): void {
    this.room = room
    this.#reader!.drained()
  }

  leave(): void {
    this.#reader!.gone()
  }

  get ids(): number[] {
    return this.frames.map(Number).filter(Number.isFinite)
  }
}

function open(sink: Sink, after?: number, filter: object = {}) {
  return fanOut.open({ after, sink, filter: async () => filter, onClose: () => undefined })
}

async function append(count: number, text = 'x'): Promise<void> {
  const event: NewEvent = {
    type: 'message',
    channels: ['all'],
    senderId: 'operator',
    senderName: 'operator',
    text,
    level: 'info',
    urgency: 'quiet',
    hops: 0,
  }
  for (let i = 0; i < count; i++) await store.commit([{ kind: 'append', event }])
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

describe('the fan-out', () => {
  it('passes on what the store says was appended, encoded once for many readers, and reads nothing', async () => {
    const events = vi.spyOn(store, 'events')
    await append(5)
    await new Promise(resolve => setImmediate(resolve))

    const readers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const reader = new Reader()
        await open(reader)
        return reader
      }),
    )
    await append(1)
    await untilPasses(() => expect(readers.map(({ ids }) => ids)).toEqual(Array(10).fill([6])))
    expect(events).not.toHaveBeenCalled()
    expect(encoded).toEqual([6])
  })

  it('reads once for many readers what the store only hints at, or tells with a hole before it', async () => {
    fanOut.close()
    let told: (appended: readonly StoredEvent[]) => readonly StoredEvent[] = () => []
    const onAppend = store.onAppend.bind(store)
    vi.spyOn(store, 'onAppend').mockImplementation(listener => onAppend(appended => listener(told(appended))))
    fanOut = new FanOut({ store, encode, onError: error => faults.push(error) })
    const events = vi.spyOn(store, 'events')
    const readers = [new Reader(), new Reader()]
    for (const reader of readers) await open(reader)
    await append(2)
    await untilPasses(() => expect(readers.map(({ ids }) => ids)).toEqual([upTo(2), upTo(2)]))
    told = appended => appended.filter(({ id }) => id > 3)
    await append(2)
    await untilPasses(() => expect(readers.map(({ ids }) => ids)).toEqual([upTo(4), upTo(4)]))
    const reads = events.mock.calls.length
    await append(1)
    await untilPasses(() => expect(readers.map(({ ids }) => ids)).toEqual([upTo(5), upTo(5)]))
    expect(events.mock.calls.length).toBe(reads)
  })

  it('queues nothing for a reader that is full, and reads nothing for it', async () => {
    const full = new Reader(1)
    await open(full)
    const events = vi.spyOn(store, 'events')
    await append(50)
    await untilPasses(() => expect(encoded).toEqual(upTo(50)))
    expect(full.frames).toEqual(['ready 0'])
    const reads = events.mock.calls.length
    full.drain(3)
    await untilPasses(() => expect(full.ids).toEqual([1, 2, 3]))
    full.drain(Number.POSITIVE_INFINITY)
    expect(full.ids).toEqual(upTo(50))
    expect(events.mock.calls.length).toBe(reads)
  })

  it('lets a reader that fell behind the ring catch up from the store', async () => {
    const slow = new Reader(1)
    const quick = new Reader()
    await open(slow)
    await open(quick)
    await append(3_000)
    await untilPasses(() => expect(quick.ids).toHaveLength(3_000))
    slow.drain(Number.POSITIVE_INFINITY)
    await untilPasses(() => expect(slow.ids).toHaveLength(3_000))
    expect(slow.ids).toEqual(upTo(3_000))
  })

  it('tells a reader that was overtaken by a pruning, once', async () => {
    const slow = new Reader(1)
    await open(slow)
    await append(2_000)
    await store.commit([{ kind: 'prune', keepNewest: 100 }])
    await append(1_500)
    await untilPasses(() => expect(encoded.at(-1)).toBe(3_500))
    slow.drain(Number.POSITIVE_INFINITY)
    await untilPasses(() => expect(slow.ids.at(-1)).toBe(3_500))
    expect(slow.frames.filter(frame => frame.startsWith('reset'))).toEqual(['reset 1901 3500'])
    expect(slow.ids).toEqual(upTo(3_500, 1_901))
  })

  it('gives every reader everything once and in order, however its socket fills and drains', async () => {
    const { next: random } = randomFrom(seed)
    const readers: { reader: Reader; after: number }[] = []
    let published = 0
    for (let step = 0; step < 400; step++) {
      const dice = random()
      if (dice < 0.1 && readers.length < 30) {
        const after = Math.floor(random() * (published + 1))
        const reader = new Reader(1 + Math.floor(random() * 5))
        readers.push({ reader, after })
        void open(reader, after)
      } else if (dice < 0.5) {
        const count = Math.floor(random() * 12)
        published += count
        await append(count)
      } else if (dice < 0.9) {
        const one = readers[Math.floor(random() * readers.length)]
        if (one && one.reader.frames.length > 0 && one.reader.room <= 0) one.reader.drain(1 + Math.floor(random() * 50))
      } else await new Promise(resolve => setImmediate(resolve))
    }
    for (const { reader } of readers) {
      await untilPasses(() => expect(reader.frames.length).toBeGreaterThan(0))
      reader.drain(Number.POSITIVE_INFINITY)
    }
    for (const { reader, after } of readers) {
      await untilPasses(() => expect(reader.ids.length).toBe(published - after))
      expect(reader.ids).toEqual(upTo(published, after + 1))
    }
  })

  it('shows readers every 15 s that it is there, where there is room for it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    fanOut.close()
    fanOut = new FanOut({ store, encode, onError: error => faults.push(error) })
    const [idle, full] = [new Reader(), new Reader(1)]
    await open(idle)
    await open(full)
    vi.advanceTimersByTime(30_000)
    expect(idle.frames).toEqual(['ready 0', 'here', 'here'])
    expect(full.frames).toEqual(['ready 0'])
  })

  it('forgets a reader that has gone, and takes up again with the next', async () => {
    const first = new Reader()
    await open(first)
    first.leave()
    expect(fanOut.size).toBe(0)
    await append(3)
    const second = new Reader()
    await open(second, 1)
    await append(1)
    await untilPasses(() => expect(second.ids).toEqual([2, 3, 4]))
    expect(first.ids).toEqual([])
  })

  it('judges no event by an old filter once a reader wants another', async () => {
    let wanted: { types?: string[] } = { types: ['nothing'] }
    const reader = new Reader()
    const stream = await fanOut.open({
      after: undefined,
      sink: reader,
      filter: async () => wanted,
      onClose: () => undefined,
    })
    await append(1)
    await untilPasses(() => expect(encoded).toEqual([1]))
    wanted = {}
    stream.refilter()
    await append(1)
    await untilPasses(() => expect(reader.ids).toEqual([2]))
  })

  it('ends a stream whose store fails, and says so', async () => {
    const reader = new Reader()
    await append(1)
    vi.spyOn(store, 'events').mockRejectedValueOnce(new Error('no'))
    await open(reader, 0)
    await untilPasses(() => expect(reader.frames.at(-1)).toBe('bye'))
    expect(faults.splice(0)).toEqual([new Error('no')])
  })
})
