import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
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
    await until(() => one.rings.length > 0)
    const text = await one.turn()
    expect(text.match(/secret/g)).toHaveLength(20)
    expect(one.rings).toEqual([expect.stringMatching(/^\d+ new messages? on the switchboard \(ring 1\)$/)])
    // A ring is told of after it.
    const { injected } = await until(async () => {
      const me = await one.tool('whoami')
      return me.injected.rings > 0 ? me : undefined
    })
    expect(injected).toMatchObject({ messages: 20, rings: 1 })
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

  it('rings again when nobody answers, and after three rings in vain knows that this client does not hear', {
    timeout: 40_000,
  }, async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    await one.turn()
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'hello?')
    await until(() => one.rings.length === 3)
    expect(new Set(one.rings).size).toBe(3)
    const memory = await until(async () => {
      const found = JSON.parse(await readFile(join(bus.home, 'doorbell.json'), 'utf8'))
      return found['1']
    })
    expect(memory).toEqual({ 'inbox socket': { degraded: expect.any(String) } })
    await sleep(5_500)
    expect(one.rings).toHaveLength(3)
    // Something new is another try, since there is no other way.
    await peer.publish(one.name, 'anybody?')
    await until(() => one.rings.length === 4)
  })

  it('rings no more often than its client takes', { timeout: 60_000 }, async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    await one.turn()
    const peer = await bus.peer('peer')
    for (let i = 1; i <= 33; i++) {
      await peer.publish(one.name, `letter ${i}`)
      await until(() => one.rings.length + one.dropped.length === i)
      expect(await one.turn()).toContain(`letter ${i}`)
    }
    expect(one.dropped).toEqual([])
  })

  it('rings for mail that came while nobody was there, once the session is', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    tryKill(one.pid)
    await until(async () =>
      (await bus.operator.call('list_sessions', {})).sessions.every(each => each.name !== one.name),
    )
    await peer.publish(one.busId, 'in your absence')
    const again = await scripted(bus, { id: 'one' })
    expect(again.busId).toBe(one.busId)
    await again.status('idle', Date.now() - 5_000)
    await until(() => again.rings.length === 1)
    expect(await again.turn()).toContain('in your absence')
  })

  it('is heard by whoever the client runs to be woken, where there is no inbox', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one', hasInbox: false })
    await one.turn()
    const { spawn } = await import('node:child_process')
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
