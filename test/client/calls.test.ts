import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BusError, type ConnectOptions, connect } from '../../src/client/index.ts'
import { fixtureServer, json } from './support/fixture-server.ts'

function client(options: ConnectOptions) {
  const made = connect({ credential: 'swb_user_test', env: {}, ...options })
  onTestFinished(() => made.close())
  return made
}

const away = { error: { code: 'hub_unavailable', message: 'stopping' } }
const ACK = { position: 1, consumed: 0, pending: 0 }

describe('a call', () => {
  it('is a POST of its input with the credential and an idempotency key', async () => {
    const { url, seen } = await fixtureServer((_, response) => json(response, 200, ACK))
    expect(await client({ url }).call('ack', { up_to: 1 })).toEqual(ACK)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/v1/ack',
      body: '{"up_to":1}',
      headers: { authorization: 'Bearer swb_user_test', 'content-type': 'application/json' },
    })
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^.{16,}$/)
  })

  it('comes back as the error of the registry that the hub gave', async () => {
    const error = { code: 'claim_held', message: 'held by b', next: 'Ask b.', details: { holder: 'b' } }
    const { url, seen } = await fixtureServer((_, response) => json(response, 409, { error }))
    const refused = await client({ url })
      .call('claim', { path: 'x' })
      .catch(thrown => thrown)
    expect(refused).toBeInstanceOf(BusError)
    expect(refused.toBody()).toEqual(error)
    expect(seen).toHaveLength(1)
  })

  it('goes on with the same key through refused, broken and cut connections and a stopping hub', async () => {
    const { url, seen } = await fixtureServer((_, response, count) => {
      if (count === 1) return json(response, 503, away)
      if (count === 2) return void response.socket?.destroy()
      if (count === 3) {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"event_id":')
        return void setImmediate(() => response.socket?.destroy())
      }
      json(response, 200, { event_id: 7, level: 'info', recipients: [] })
    })
    expect((await client({ url }).call('publish', { text: 'hi' })).event_id).toBe(7)
    expect(new Set(seen.map(each => each.headers['idempotency-key'])).size).toBe(1)
    expect(seen).toHaveLength(4)
  })

  it('waits, sent again, only for what is left of its time', async () => {
    const { url, seen } = await fixtureServer((_, response, count) =>
      count < 3 ? json(response, 503, away) : json(response, 200, { messages: [], pending: 0 }),
    )
    await client({ url }).call('inbox', { limit: 5, wait_seconds: 60 })
    const asked = seen.map(each => JSON.parse(each.body) as { limit: number; wait_seconds: number })
    const [first, second, third] = asked.map(each => each.wait_seconds) as [number, number, number]
    expect(asked.map(each => each.limit)).toEqual([5, 5, 5])
    expect(first).toBe(60)
    expect(second).toBeLessThan(first)
    expect(third).toBeLessThan(second)
  })

  it('uses the key it is given', async () => {
    const { url, seen } = await fixtureServer((_, response) => json(response, 200, ACK))
    await client({ url }).call('ack', { up_to: 1 }, { key: 'mine' })
    expect(seen[0]?.headers['idempotency-key']).toBe('mine')
  })

  it('is refused where JSON could not say what is meant', async () => {
    const { url, seen } = await fixtureServer((_, response) => json(response, 200, ACK))
    for (const value of [Number.POSITIVE_INFINITY, { deep: [Number.NaN] }]) {
      await expect(client({ url }).call('set_state', { key: 'k', value })).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(/^value.*: expected a number that JSON can hold, got (Infinity|NaN)$/),
      })
    }
    expect(seen).toEqual([])
  })

  it('is not tried again when the hub refused it', async () => {
    const { url, seen } = await fixtureServer((_, response) =>
      json(response, 503, { error: { code: 'store_unavailable', message: 'no' } }),
    )
    await expect(client({ url }).call('ack', { up_to: 1 })).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(seen).toHaveLength(1)
  })

  it('fails with hub_unavailable and what to do next once the deadline passes', async () => {
    const failed = client({ url: 'http://127.0.0.1:1', deadlineMs: 300 }).call('ack', { up_to: 1 })
    await expect(failed).rejects.toMatchObject({ code: 'hub_unavailable', next: expect.stringMatching(/status/) })
  })

  it('ends at once when its signal says so, while waiting for a hub and while waiting for an answer', async () => {
    const reason = new Error('enough')
    for (const url of ['http://127.0.0.1:1', (await fixtureServer(() => {})).url]) {
      const stop = new AbortController()
      const call = client({ url }).call('ack', { up_to: 1 }, { signal: stop.signal })
      setImmediate(() => stop.abort(reason))
      await expect(call).rejects.toBe(reason)
    }
  })

  it('says so when something else than a hub answers', async () => {
    const { url } = await fixtureServer((_, response) => void response.writeHead(404).end('<html>'))
    await expect(client({ url }).call('ack', { up_to: 1 })).rejects.toMatchObject({ code: 'internal' })
  })

  it('takes broken bytes for a connection that failed', async () => {
    const server = createServer(socket => socket.end('this is no HTTP\r\n\r\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const call = client({ url: `http://127.0.0.1:${port}`, deadlineMs: 100 }).call('ack', { up_to: 1 })
    await expect(call).rejects.toMatchObject({ code: 'hub_unavailable' })
  })

  it('keeps its connection for the next, also with another credential', async () => {
    const { url, seen } = await fixtureServer((_, response) => json(response, 200, ACK))
    const one = client({ url })
    await one.call('ack', { up_to: 1 })
    await one.withCredential('swb_session_x').call('ack', { up_to: 2 })
    expect(seen.map(each => each.connection)).toEqual([1, 1])
    expect(seen[1]?.headers.authorization).toBe('Bearer swb_session_x')
  })

  it('reaches a hub over a unix socket, and behind a path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swb-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const answer: Parameters<typeof fixtureServer>[0] = (_, response) => json(response, 200, ACK)
    const socket = await fixtureServer(answer, { socketPath: join(folder, 's') })
    await client({ url: socket.url }).call('ack', { up_to: 1 })
    expect(socket.seen[0]?.headers.host).toBe('localhost')
    const web = await fixtureServer(answer)
    await client({ url: `${web.url}/bus/` }).call('ack', { up_to: 1 })
    expect(web.seen[0]?.path).toBe('/bus/v1/ack')
  })

  it.each(['ftp://x', 'unix:', 'hub'])('refuses the address %s', url => {
    expect(() => connect({ url, env: {} })).toThrow(BusError)
  })
})
