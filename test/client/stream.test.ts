import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, type StreamFilter, type StreamItem } from '../../src/client/index.ts'
import { fixtureServer, json } from './support/fixture-server.ts'

function event(id: number) {
  return { id, type: 'message', channel: 'all', from: 'a', text: `t${id}`, level: 'info', urgency: 'quiet', at: '' }
}

function open(response: ServerResponse, newest: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`event: ready\ndata: {"version":"1","newest":${newest}}\n\n`)
}

function send(response: ServerResponse, id: number): void {
  response.write(`id: ${id}\nevent: event\ndata: ${JSON.stringify(event(id))}\n\n`)
}

/** The first `count` items of a stream, which is then ended. */
async function items(url: string, count: number, filter: StreamFilter = {}): Promise<StreamItem[]> {
  const client = connect({ url, credential: 'c', env: {}, deadlineMs: 2_000 })
  onTestFinished(() => client.close())
  const found: StreamItem[] = []
  for await (const item of client.stream(filter)) {
    found.push(item)
    if (found.length === count) break
  }
  return found
}

describe('a stream', () => {
  it('asks for what the filter says', async () => {
    const { url, seen } = await fixtureServer((_, response) => open(response, 0))
    await items(url, 1, {
      after: 3,
      channel: 'topic:ci',
      types: ['a', 'b'],
      from: 'x',
      thread: 't',
      minLevel: 'info',
      mine: true,
      attach: true,
    })
    expect(seen[0]?.path).toBe(
      '/v1/stream?after=3&channel=topic%3Aci&types=a%2Cb&from=x&thread=t&min_level=info&mine=1&attach=1',
    )
  })

  it('that breaks goes on after the last id it gave, or after the newest when it had given none', async () => {
    const { url, seen } = await fixtureServer((_, response, count) => {
      open(response, 5)
      if (count === 1) return void response.socket?.destroySoon()
      if (count === 2) {
        send(response, 6)
        send(response, 7)
        return void response.end()
      }
      send(response, 8)
    })
    const found = await items(url, 6)
    expect(found.flatMap(item => (item.kind === 'event' ? [item.event.id] : []))).toEqual([6, 7, 8])
    expect(seen.map(each => each.path)).toEqual(['/v1/stream', '/v1/stream?after=5', '/v1/stream?after=7'])
  })

  it('tells of a reset and goes on behind it', async () => {
    const { url, seen } = await fixtureServer((_, response, count) => {
      open(response, 90)
      if (count > 1) return
      response.end('event: reset\ndata: {"oldest":50,"newest":90}\n\n')
    })
    expect((await items(url, 3, { after: 2 }))[1]).toEqual({ kind: 'reset', oldest: 50, newest: 90 })
    expect(seen[1]?.path).toBe('/v1/stream?after=49')
  })

  it('ends with the error when the hub refuses it, at first and later', async () => {
    const refusal = { error: { code: 'session_ended', message: 'over' } }
    const { url } = await fixtureServer((_, response, count) => {
      if (count > 1) return json(response, 410, refusal)
      open(response, 0)
      response.end()
    })
    await expect(items(url, 9)).rejects.toMatchObject({ code: 'session_ended' })
    await expect(items(url, 9)).rejects.toMatchObject({ code: 'session_ended' })
  })

  it('passes over frames that it does not know, and comments', async () => {
    const { url } = await fixtureServer((_, response) => {
      open(response, 0)
      response.write(': here\n\nevent: novelty\ndata: {}\n\n')
      send(response, 1)
    })
    expect((await items(url, 2)).map(item => item.kind)).toEqual(['ready', 'event'])
  })

  it('ends quietly when its signal says so: while open, while broken, while nobody is there', async () => {
    const stop = new AbortController()
    const { url } = await fixtureServer((_, response) => open(response, 0))
    const client = connect({ url, credential: 'c', env: {} })
    onTestFinished(() => client.close())
    for await (const item of client.stream({ signal: stop.signal })) {
      expect(item.kind).toBe('ready')
      stop.abort()
    }

    const ofBroken = new AbortController()
    const broken = await fixtureServer((_, response, count) => {
      response.destroy()
      if (count === 2) ofBroken.abort()
    })
    const another = connect({ url: broken.url, credential: 'c', env: {} })
    onTestFinished(() => another.close())
    const found: StreamItem[] = []
    for await (const item of another.stream({ signal: ofBroken.signal })) found.push(item)
    expect(found).toEqual([])
  })

  it('closes its connection when its reader leaves', async () => {
    let closed = () => {}
    const isClosed = new Promise<void>(resolve => {
      closed = resolve
    })
    const { url } = await fixtureServer((_, response) => {
      response.once('close', closed)
      open(response, 0)
    })
    await items(url, 1)
    await isClosed
  })

  it('that falls silent for longer than keep-alives allow is taken for broken', async () => {
    const { url, seen } = await fixtureServer((_, response, count) => {
      open(response, count)
      if (count === 2) send(response, 2)
    })
    const { followStream } = await import('../../src/client/stream.ts')
    const { createWire } = await import('../../src/client/wire.ts')
    const { parseTarget } = await import('../../src/client/target.ts')
    const connection = { url, wire: createWire(parseTarget(url)), starter: undefined, logFile: '', deadlineMs: 1_000 }
    const found: StreamItem[] = []
    for await (const item of followStream(connection, async () => 'c', {}, { silenceMs: 100 })) {
      found.push(item)
      if (item.kind === 'event') break
    }
    expect(seen).toHaveLength(2)
  })
})
