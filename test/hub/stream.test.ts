import { createConnection } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomFrom } from '../linearizability/random.ts'
import { isLong, seed } from '../tier.ts'
import { untilPasses } from '../until.ts'
import { startTestHub, type TestHub } from './test-hub.ts'

let bus: TestHub

beforeEach(async () => {
  bus = await startTestHub()
})

afterEach(async () => {
  await bus[Symbol.asyncDispose]()
})

async function publish(count: number, fields: object = {}): Promise<number[]> {
  const ids: number[] = []
  for (let i = 0; i < count; i++) ids.push((await bus.call('publish', { text: `text ${i}`, ...fields })).event_id)
  return ids
}

const cuts = isLong ? 2_000 : 40

describe('a live stream', () => {
  it('says first how far the log reaches, and then only what comes', async () => {
    const [before] = await publish(1)
    const stream = await bus.stream()
    await stream.until(({ said }) => said.length === 1)
    expect(stream.said[0]).toMatchObject({ event: 'ready', data: { newest: before } })
    const [after] = await publish(1)
    await stream.until(({ events }) => events.length === 1)
    expect(stream.said[1]).toMatchObject({ event: 'event', id: after, data: { id: after, from: 'operator' } })
  })

  it('replays what came after its cursor, and goes on live without a gap or a repeat under publishing', async () => {
    await publish(150)
    const publishing = publish(150)
    const streams = await Promise.all([0, 3, 77, 149].map(after => bus.stream(`after=${after}`)))
    await publishing
    for (const [i, after] of [0, 3, 77, 149].entries()) {
      const stream = streams[i]!
      await stream.until(({ events }) => events.at(-1)?.id === 300)
      expect(stream.events.map(({ id }) => id)).toEqual(Array.from({ length: 300 - after }, (_, n) => after + 1 + n))
    }
  })

  it('tells those who ask for it what becomes of events that pass their filter, and nobody else', async () => {
    const reader = await bus.register('reader')
    const asked = await bus.stream('receipts=1&types=message')
    const unasked = await bus.stream('types=message')
    const [id] = await publish(1, { to: 'reader' })
    await publish(1, { to: 'reader', type: 'note' })
    await bus.call('inbox', {}, reader.credential)
    await bus.call('publish', { text: 'done', reply_to: id }, reader.credential)
    const receipts = () => asked.said.filter(({ event }) => event === 'receipt')
    await asked.until(() => receipts().length === 3)
    expect(receipts()).toMatchObject([
      { data: { event_id: id, session: 'reader', state: 'offered', route: 'inbox', at: expect.any(String) } },
      { data: { event_id: id, session: 'reader', state: 'consumed', route: 'inbox', proof: 'next call' } },
      { data: { event_id: id, session: 'reader', state: 'answered', answered_by: id! + 2 } },
    ])
    expect(receipts().every(each => each.id === undefined)).toBe(true)
    await unasked.until(({ events }) => events.length === 2)
    expect(unasked.said.map(({ event }) => event)).toEqual(['ready', 'event', 'event'])
  })

  it('tells them too of claims, state, and what sessions do, by the same filter', async () => {
    const { credential } = await bus.register('reader')
    const repo = 'github.com/acme/api'
    const [all, ofRepo, wanting, unasked] = await Promise.all([
      bus.stream('receipts=1'),
      bus.stream(`receipts=1&channel=repo:${repo}`),
      bus.stream('receipts=1&min_level=actionable'),
      bus.stream(),
    ])
    await bus.call('claim', { path: '/src/api/a.ts', facts: { repo, worktree: '/src/api' } }, credential)
    await bus.call('set_state', { key: 'plan', value: 'secret' }, credential)
    await bus.call('heartbeat', { activity: 'waiting', waiting_for: 'permission prompt' }, credential)
    const changes = ({ said }: typeof all) => said.filter(({ event }) => event === 'change').map(({ data }) => data)
    await all.until(() => changes(all).length === 3)
    const at = expect.any(String)
    const [claimed, set, waits] = [
      { type: 'claimed', from: 'reader', channel: `repo:${repo}`, level: 'lifecycle' },
      { type: 'state_set', from: 'reader', channel: 'all', level: 'lifecycle', text: 'set plan to version 1', at },
      { type: 'session_waiting', from: 'reader', level: 'actionable', text: 'waits for "permission prompt"' },
    ]
    expect(changes(all)).toMatchObject([claimed, set, waits])
    await ofRepo.until(() => changes(ofRepo).length === 1)
    expect(changes(ofRepo)).toMatchObject([claimed])
    await wanting.until(() => changes(wanting).length === 1)
    expect(changes(wanting)).toMatchObject([waits])
    expect(changes(unasked)).toEqual([])
    expect(JSON.stringify(changes(all))).not.toContain('secret')
  })

  it('resumes by Last-Event-ID, which is stronger than the cursor in the query', async () => {
    await publish(5)
    const stream = await bus.stream('after=1', { lastEventId: 3 })
    await stream.until(({ events }) => events.length === 2)
    expect(stream.events.map(({ id }) => id)).toEqual([4, 5])
  })

  it(`loses and repeats nothing over ${cuts} cuts at random points while others publish`, async () => {
    let isDone = false
    const publishing = (async () => {
      let count = 0
      while (!isDone) count = (await publish(1, { text: 'x'.repeat(1 + (count % 2_000)) })).at(-1)!
      return count
    })()
    const seen: number[] = []
    const random = randomFrom(seed)
    for (let cut = 0; cut < cuts; cut++) {
      const goal = seen.length + 1 + random.below(10)
      const stream = await bus.stream('', { lastEventId: seen.at(-1) ?? 0 })
      let taken = 0
      await stream.until(({ events }) => {
        for (const { id } of events.slice(taken)) seen.push(id)
        taken = events.length
        return seen.length >= goal
      })
      stream.close()
    }
    isDone = true
    const last = await publishing
    const stream = await bus.stream('', { lastEventId: seen.at(-1)! })
    await stream.until(({ said, events }) => said.length > 0 && (events.at(-1)?.id ?? seen.at(-1)!) >= last)
    seen.push(...stream.events.map(({ id }) => id))
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, n) => n + 1))
    expect(seen.length).toBeGreaterThanOrEqual(last)
  })

  it('says so when its cursor was trimmed, and gives what is left', async () => {
    await publish(10)
    await bus.call('prune', { keep_newest: 3 })
    const stream = await bus.stream('after=2')
    await stream.until(({ events }) => events.length === 3)
    expect(stream.said.map(({ event }) => event)).toEqual(['ready', 'reset', 'event', 'event', 'event'])
    expect(stream.said[1]!.data).toEqual({ oldest: 8, newest: 10 })
    expect(stream.events.map(({ id }) => id)).toEqual([8, 9, 10])
  })

  it('says nothing of a reset to a cursor that lost nothing', async () => {
    await publish(10)
    await bus.call('prune', { keep_newest: 3 })
    const stream = await bus.stream('after=7')
    await stream.until(({ events }) => events.length === 3)
    expect(stream.said.map(({ event }) => event)).toEqual(['ready', 'event', 'event', 'event'])
  })

  it('takes a cursor from the future for one of another log', async () => {
    await publish(2)
    const stream = await bus.stream('after=1000')
    await stream.until(({ events }) => events.length === 2)
    expect(stream.said.map(({ event }) => event)).toEqual(['ready', 'reset', 'event', 'event'])
  })

  it('narrows by channel, type, sender, thread and level, in replay as in live', async () => {
    const { credential } = await bus.register('alice')
    const wanted = { to: 'topic:ci', type: 'ci_failed', thread: 't1' }
    const query = 'after=0&channel=topic:ci&types=ci_failed,other&from=alice&thread=t1&min_level=actionable'
    const others = [{ to: 'all' }, { type: 'message' }, { thread: 't2' }, { level: 'info' }]
    const round = async () => {
      for (const other of others) await bus.call('publish', { text: 'no', ...wanted, ...other }, credential)
      await bus.call('publish', { text: 'no', ...wanted })
      await bus.call('publish', { text: 'yes', ...wanted }, credential)
    }
    await round()
    const stream = await bus.stream(query)
    await stream.until(({ events }) => events.length === 1)
    await round()
    await stream.until(({ events }) => events.length === 2)
    expect(stream.events.map(({ text }) => text)).toEqual(['yes', 'yes'])
  })

  it.each(['after=-1', 'after=x', 'after=1&after=2', 'mine=yes', 'min_level=loud', 'unknown=1', 'types='])(
    'refuses the query %s',
    async query => {
      const answer = await bus.socket.ask(`/v1/stream?${query}`, { credential: bus.user })
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_input' } } })
    },
  )

  it('is refused, not left hanging, where it names a sender whom nobody knows', async () => {
    const answer = await bus.socket.ask('/v1/stream?from=nobody', { credential: bus.user })
    expect(answer).toMatchObject({ status: 404, json: { error: { code: 'unknown_recipient' } } })
  })

  it('ends with a comment when the hub stops', async () => {
    const stream = await bus.stream()
    await stream.until(({ said }) => said.length === 1)
    await bus.hub.close()
    await stream.ended
    expect(stream.comments).toEqual(['the hub stops'])
  })
})

describe('a stream of one session', () => {
  it('gives what its inbox would get, and follows it to new topics', async () => {
    const alice = await bus.register('alice')
    const bob = await bus.register('bob', { role: 'dev' })
    const stream = await bus.stream('mine=1', bob)
    await bus.call('publish', { text: 'own' }, bob.credential)
    await bus.call('publish', { text: 'for alice', to: 'alice' })
    await bus.call('publish', { text: 'bookkeeping', level: 'lifecycle' })
    await bus.call('publish', { text: 'topic, too early', to: 'topic:ci' })
    await bus.call('publish', { text: 'for bob', to: 'bob' }, alice.credential)
    await bus.call('publish', { text: 'for devs', to: 'role:dev' }, alice.credential)
    await bus.call('register', { topics: ['ci'] }, bob.credential)
    await bus.call('publish', { text: 'topic', to: 'topic:ci' }, alice.credential)
    await bus.call('publish', { text: 'for all' }, alice.credential)
    await stream.until(({ events }) => events.length === 4)
    expect(stream.events.map(({ text }) => text)).toEqual(['for bob', 'for devs', 'topic', 'for all'])
  })

  it('gives the operator only what is sent to the operator', async () => {
    const alice = await bus.register('alice')
    const stream = await bus.stream('mine=1')
    await bus.call('publish', { text: 'for all' }, alice.credential)
    await bus.call('publish', { text: 'for you', to: 'operator' }, alice.credential)
    await stream.until(({ events }) => events.length === 1)
    expect(stream.events[0]!.text).toBe('for you')
  })

  it('may be narrowed, but only to channels of its own', async () => {
    const alice = await bus.register('alice')
    const bob = await bus.register('bob')
    const own = await bus.stream('mine=1&channel=all', bob)
    const foreign = await bus.stream('mine=1&channel=alice', bob)
    await bus.call('publish', { text: 'direct', to: 'bob' }, alice.credential)
    await bus.call('publish', { text: 'for alice', to: 'alice' })
    await bus.call('publish', { text: 'for all' }, alice.credential)
    await own.until(({ events }) => events.length === 1)
    expect(own.events[0]!.text).toBe('for all')
    expect(foreign.events).toEqual([])
  })

  it('is refused to a token, which has no inbox, and to a session that has ended', async () => {
    const { token } = await bus.call('create_token', { name: 'ci' })
    const bob = await bus.register('bob')
    await bus.call('unregister', {}, bob.credential)
    for (const wish of ['mine=1', 'attach=1']) {
      const ofToken = await bus.socket.ask(`/v1/stream?${wish}`, { credential: token })
      expect(ofToken).toMatchObject({ status: 403, json: { error: { code: 'session_required' } } })
      const ofEnded = await bus.socket.ask(`/v1/stream?${wish}`, { credential: bob.credential })
      expect(ofEnded).toMatchObject({ status: 410, json: { error: { code: 'session_ended' } } })
    }
  })

  it('ends when its session is ended, and when its token is revoked', async () => {
    const bob = await bus.register('bob')
    const { token } = await bus.call('create_token', { name: 'ci' })
    const [ofBob, ofToken, ofUser] = await Promise.all([
      bus.stream('', bob),
      bus.stream('', { credential: token }),
      bus.stream(),
    ])
    await bus.call('unregister', { session: 'bob' })
    await ofBob.ended
    await bus.call('revoke_token', { name: 'ci' })
    await ofToken.ended
    await bus.call('publish', { text: 'still here' })
    await ofUser.until(({ events }) => events.at(-1)?.text === 'still here')
  })
})

describe('a reader that does not read', () => {
  it('costs less than 1 MiB, delays nobody, and catches up when it reads again', async () => {
    const quick = await bus.stream()
    const text = 'x'.repeat(60_000)
    /** What a hundred events leave in memory: log, ring, and what the quick reader was told. */
    const kept = async (inAll: number) => {
      const before = await bytesInUse()
      for (let i = 0; i < 100; i++) await bus.call('publish', { text, type: 'noise' })
      await quick.until(({ events }) => events.length === inAll)
      return (await bytesInUse()) - before
    }
    await kept(100)
    const withoutReaders = await kept(200)
    const slow = await Promise.all(Array.from({ length: 20 }, () => stalledReader(bus)))
    const perReader = ((await kept(300)) - withoutReaders) / slow.length
    expect(perReader).toBeLessThan(1024 * 1024)

    const [reader] = slow
    let came = ''
    reader!.setEncoding('latin1').on('data', chunk => {
      came += chunk
    })
    reader!.resume()
    await untilPasses(() => expect(came.match(/^id: \d+$/gm)).toHaveLength(100))
    for (const each of slow) each.destroy()
  })

  it('is forgotten when it goes', async () => {
    const slow = await Promise.all(Array.from({ length: 5 }, () => stalledReader(bus)))
    await untilPasses(async () => expect((await hubFacts(bus)).streams).toBe(5))
    for (const each of slow) each.destroy()
    await untilPasses(async () => expect((await hubFacts(bus)).streams).toBe(0))
  })
})

async function hubFacts({ socket, user }: TestHub): Promise<{ streams: number }> {
  return (await socket.ask('/v1/hub', { credential: user })).json as { streams: number }
}

/** Asks for the stream, takes its first bytes, and then takes no more. */
async function stalledReader({ hub, user }: TestHub) {
  const socket = createConnection(hub.socket)
  socket.write(`GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user}\r\n\r\n`)
  await new Promise(resolve => socket.once('data', resolve))
  return socket.pause()
}

/** What is left when everything is collected that can be: buffers outside of the heap go a turn after their objects. */
async function bytesInUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
  }
  return least
}

/** V8's collector, also where Node was not started with it in reach. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
