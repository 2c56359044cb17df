import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { successionIn } from '../../src/home/succession.ts'
import { tryKill } from '../client/support/home.ts'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

describe('a cleared conversation', () => {
  it('is rung for urgent mail that the one before had not read: nobody prompts it', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.turn()
    await peer.publish(one.name, 'urgent')
    await until(() => one.rings.length === 1)
    await until(() => one.context('UserPromptSubmit'))
    one.converse('one-cleared')
    await one.status('idle', Date.now() + 1)
    expect(await one.context('SessionStart', { source: 'clear' })).toBe('')
    await until(() => one.rings.length === 2)
    await one.turnsUntil(text => text.includes('urgent'))
  })

  it('is the same session and gets again what it had not read', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'read', { urgency: 'quiet' })
    expect(await one.prompted()).toContain('read')
    await one.hook('Stop')
    await peer.publish(one.name, 'not read', { urgency: 'quiet' })
    await one.prompted()
    one.converse('one-cleared')
    expect(await one.context('SessionStart', { source: 'clear' })).toBe('')
    const text = await one.prompted()
    expect(text).toContain('repeat="possible"')
    expect(text).toContain('not read')
    expect(text.match(/<switchboard-message/g)).toHaveLength(1)
    expect((await one.tool('whoami')).id).toBe(one.busId)
  })

  it('is the same session also where the hub was away for long, and then gets what it had not read, once', async () => {
    const bus = await switchboard({ hub: 'process' })
    // Written so that it is nobody's own hub: this session only ever waits for it.
    const one = await scripted(bus, { id: 'one', env: { SWITCHBOARD_URL: `unix:${bus.home}/./hub.sock` } })
    const peer = await bus.peer('peer')
    const offered = await peer.publish(one.name, 'offered before', { urgency: 'quiet' })
    await one.prompted()
    const unread = await peer.publish(one.name, 'unread then', { urgency: 'quiet' })
    await until(async () => (await one.tool('whoami')).unread === 1)
    tryKill((await bus.hubPid())!)
    one.converse('one-cleared')
    expect(await one.context('SessionStart', { source: 'clear' })).toBe('')
    expect(await one.turn()).not.toContain('<switchboard-message')
    await until(() => one.errors().includes('another run'))
    await bus.operator.request('GET', '/v1/hub')
    // At once: before the stream is there, and with it whatever is done only then.
    const text = (await one.turnsUntil(texts => texts.includes('unread then'))) + (await one.turn())
    expect(text.match(/unread then/g)).toHaveLength(1)
    expect(text.match(/offered before/g)).toHaveLength(1)
    for (const id of [offered, unread]) {
      await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
    }
    expect((await one.tool('whoami')).id).toBe(one.busId)
    const resumed = await bus.operator.call('register', { client_id: 'one-cleared' })
    expect(resumed).toMatchObject({ session_id: one.busId, resumed: true })
  })

  it('is the same session also where its process was killed before the hub could be told', async () => {
    const bus = await switchboard({ hub: 'process' })
    const env = { SWITCHBOARD_URL: `unix:${bus.home}/./hub.sock` }
    const one = await scripted(bus, { id: 'one', env })
    const peer = await bus.peer('peer')
    const id = await peer.publish(one.name, 'still unread', { urgency: 'quiet' })
    tryKill((await bus.hubPid())!)
    for (const next of ['one-cleared', 'one-cleared-again']) {
      one.converse(next)
      await one.hook('SessionStart', { source: 'clear' })
    }
    tryKill(one.pid)
    await bus.operator.request('GET', '/v1/hub')
    const again = await scripted(bus, { id: 'one-cleared-again' })
    expect(again.busId).toBe(one.busId)
    expect(await again.prompted()).toContain('still unread')
    await again.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
    expect(await readdir(join(bus.home, 'succession'))).toEqual([])

    // Killed when the hub had been told and the word of it was not yet taken back.
    await successionIn(bus.paths).note('one-cleared-again', ['one-cleared', 'one'])
    tryKill(again.pid)
    expect((await scripted(bus, { id: 'one-cleared-again' })).busId).toBe(one.busId)
  })

  it('does not bring back a session that has left', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    await one.tool('unregister')
    one.converse('one-cleared')
    await one.hook('SessionStart', { source: 'clear' })
    await one.turn()
    expect((await one.tool('whoami')).isError).toBe(true)
    const { sessions } = await bus.operator.call('list_sessions', {})
    expect(sessions.filter(each => each.name === one.name)).toEqual([])
    await one.tool('register')
    expect((await one.tool('whoami')).id).toBe(one.busId)
  })

  it('takes no letters before the hub knows that the context is another one', async () => {
    const bus = await switchboard({ hub: 'process' })
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    const id = await peer.publish(one.name, 'offered before', { urgency: 'quiet' })
    await one.prompted()
    const pid = (await bus.hubPid())!
    tryKill(pid, 'SIGSTOP')
    one.converse('one-cleared')
    await one.hook('SessionStart', { source: 'clear' })
    await one.hook('UserPromptSubmit')
    await one.hook('Stop')
    tryKill(pid, 'SIGCONT')
    const text = await one.prompted()
    expect(text.match(/offered before/g)).toHaveLength(1)
    expect(await one.turn()).not.toContain('offered before')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })
})
