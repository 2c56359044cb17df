import { describe, expect, it } from 'vitest'
import { tryKill } from '../client/support/home.ts'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

describe('hooks while the hub', () => {
  it('is away are answered all the same, and lose nothing', async () => {
    const bus = await switchboard({ hub: 'process' })
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.turn()
    const id = await peer.publish(one.name, 'before it went', { urgency: 'quiet' })
    await until(async () => (await one.tool('whoami')).unread === 1)
    tryKill((await bus.hubPid())!)
    for (const event of ['UserPromptSubmit', 'PreToolUse', 'PostToolBatch', 'Stop']) {
      expect(await one.hook(event, { tool_name: 'Edit', file_path: '/tmp/x' })).toEqual({})
    }
    await bus.operator.request('GET', '/v1/hub')
    const text = await one.turnsUntil(texts => texts.includes('before it went'))
    expect(text.match(/before it went/g)).toHaveLength(1)
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })

  it('hangs are answered all the same, and its late answer is not lost', async () => {
    const bus = await switchboard({ hub: 'process' })
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.turn()
    const id = await peer.publish(one.name, 'while it hung')
    // Its bell shows that the session process knows of it.
    await until(() => one.rings.length === 1)
    const pid = (await bus.hubPid())!
    tryKill(pid, 'SIGSTOP')
    expect(await one.hook('UserPromptSubmit')).toEqual({})
    // It asks anew, and waits.
    expect(await one.hook('PreToolUse', { tool_name: 'Edit', file_path: '/tmp/x' })).toEqual({})
    await one.hook('Stop')
    tryKill(pid, 'SIGCONT')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'offered')
    const text = await one.turnsUntil(texts => texts.includes('while it hung'))
    expect(text.match(/while it hung/g)).toHaveLength(1)
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })
})
