import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inboxSocket } from '../../src/session/doorbell/inbox-socket.ts'
import { hasEmptyPrompt } from '../../src/session/doorbell/tmux.ts'
import { tryKill } from '../client/support/home.ts'
import { PROGRAM } from '../program.ts'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

describe('the doorbell', () => {
  it('rings an idle session once for many messages, and says no more than how many', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    await one.turn()
    const peer = await bus.peer('peer')
    await Promise.all(Array.from({ length: 20 }, (_, i) => peer.publish(one.name, `secret ${i}`)))
    // A ring is told of after it.
    const { unread } = await until(async () => {
      const me = await one.tool('whoami')
      return me.injected.rings > 0 && me
    })
    expect(unread).toBe(20)
    expect(one.rings[0]).toMatch(/^\d+ new messages? on the switchboard \(ring 1\)$/)
    // Some may have come after the ring; none is counted twice.
    expect(Number.parseInt(one.rings[0]!)).toBeLessThanOrEqual(20)
    expect(one.rings.join()).not.toContain('secret')
    const text = await one.turnsUntil(texts => texts.includes('secret 19'))
    expect(text.match(/secret/g)).toHaveLength(20)
    expect((await one.tool('whoami')).injected).toMatchObject({ messages: 20 })
  })

  it('does not ring for quiet mail, nor a busy or waiting session', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.turn()
    await peer.publish(one.name, 'quiet', { urgency: 'quiet' })
    await one.hook('UserPromptSubmit')
    await peer.publish(one.name, 'urgent')
    await one.hook('PermissionRequest')
    await peer.publish(one.name, 'urgent too')
    await until(async () => (await one.tool('whoami')).unread >= 2)
    expect(one.rings).toEqual([])
    await one.turn()
    expect(one.rings).toEqual([])
  })

  it('rings a session that its client calls idle though no hook said so', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.status('busy')
    await one.hook('UserPromptSubmit')
    await peer.publish(one.name, 'after the interruption')
    await until(async () => (await one.tool('whoami')).unread === 1)
    expect(one.rings).toEqual([])
    await one.status('idle')
    await until(() => one.rings.length === 1)
  })

  it('rings no more often than its client takes', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    await one.turn()
    const peer = await bus.peer('peer')
    for (let i = 1; i <= 33; i++) {
      await peer.publish(one.name, `letter ${i}`)
      await until(() => one.rings.length + one.dropped.length === i)
      await one.turnsUntil(text => text.includes(`letter ${i}`))
    }
    expect(one.dropped).toEqual([])
  })

  it('rings for mail that came while nobody was there, once the session is', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    // Of a process that never had a stream the hub cannot tell that it is gone.
    await until(async () => ((await bus.operator.request('GET', '/v1/hub')) as { streams: number }).streams === 1)
    tryKill(one.pid)
    await until(async () =>
      (await bus.operator.call('list_sessions', {})).sessions.every(each => each.name !== one.name),
    )
    await peer.publish(one.busId, 'in your absence')
    const again = await scripted(bus, { id: 'one' })
    expect(again.busId).toBe(one.busId)
    await again.status('idle', Date.now() - 5_000)
    await until(() => again.rings.length === 1)
    await again.turnsUntil(text => text.includes('in your absence'))
  })

  it('reaches the program that the client runs to be woken, where there is no inbox', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one', hasInbox: false })
    await one.turn()
    const rewake = spawn(process.execPath, [PROGRAM, 'rewake'], {
      env: { ...bus.env, CLAUDE_PID: String(process.pid) },
    })
    let said = ''
    rewake.stderr.on('data', chunk => {
      said += chunk
    })
    const ended = new Promise<number | null>(resolve => rewake.once('exit', resolve))
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'hello')
    expect(await ended).toBe(2)
    expect(said).toMatch(/^1 new message on the switchboard \(ring \d\)\n$/)
  })
})

describe('the inbox socket', () => {
  it.each([
    ['of a client that takes the line', 'sent', (socket: Socket) => void socket.resume()],
    ['of a client that stands still', 'unknown', (socket: Socket) => void socket.pause()],
  ])('%s: %s', async (_, is, onConnection) => {
    const { path } = await inboxThat(onConnection)
    expect(await inboxSocket({ CLAUDE_CODE_MESSAGING_SOCKET: path }).ring('wake up')).toMatchObject({ is })
  })

  it('of a client that stands still keeps the line for it', async () => {
    let text = ''
    let goesOn = () => {}
    const { path } = await inboxThat(socket => {
      goesOn = () =>
        void socket
          .setEncoding('utf8')
          .on('data', chunk => (text += chunk))
          .resume()
    })
    expect(await inboxSocket({ CLAUDE_CODE_MESSAGING_SOCKET: path }).ring('wake up')).toMatchObject({ is: 'unknown' })
    goesOn()
    await until(() => text.endsWith('\n'))
    expect(JSON.parse(text)).toEqual({ type: 'user', message: { role: 'user', content: 'wake up' } })
  })

  it('that is not there, or that nobody listens at: failed', async () => {
    const { path, folder, close } = await inboxThat(() => {})
    const ring = (at: string) => inboxSocket({ CLAUDE_CODE_MESSAGING_SOCKET: at }).ring('wake up')
    expect(await ring(join(folder, 'nowhere'))).toMatchObject({ is: 'failed' })
    await rename(path, join(folder, 'left'))
    await close()
    expect(await ring(join(folder, 'left'))).toMatchObject({ is: 'failed' })
  })
})

async function inboxThat(onConnection: (socket: Socket) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'swb-inbox-'))
  const server = createServer({ pauseOnConnect: true }, onConnection)
  const path = join(folder, 'inbox')
  await new Promise<void>(resolve => server.listen(path, resolve))
  const close = () => new Promise(resolve => server.close(resolve))
  onTestFinished(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })
  return { path, folder, close }
}

describe('a prompt on a screen', () => {
  it.each([
    ['────\n❯ \n────', true],
    ['────\n❯\u00a0\n────', true],
    ['────\n❯ \u001b[2mTry "edit a file"\u001b[0m\n────', true],
    ['────\n❯ half a draft\n────', false],
    ['❯ an old prompt\n● its answer\n────\n❯ \n────', true],
    [' Do you want to proceed?\n ❯ 1. Yes\n   2. No', false],
    ['', false],
  ])('%j is empty: %s', (screen, isEmpty) => {
    expect(hasEmptyPrompt(screen)).toBe(isEmpty)
  })
})
