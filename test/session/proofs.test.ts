import { describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

type Bus = Awaited<ReturnType<typeof switchboard>>
type One = Awaited<ReturnType<typeof scripted>>

/** A letter of which a tool that was decided on without it proves nothing. */
async function provedAfterTheBatch(bus: Bus, one: One, id: number): Promise<void> {
  await one.hook('PreToolUse', { tool_name: 'Bash', command: 'ls' })
  // What the tool may have proved wrongly is before the hub by then.
  await one.tool('whoami')
  await one.hook('PostToolBatch')
  expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered' })
  await one.hook('Stop')
  await until(async () => (await bus.receipt(id, one.name))?.proof === 'Stop hook')
}

describe('a hook', () => {
  it('of a prompt brings the letters, and the next deed of the agent proves that it read them', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    const id = await peer.publish(one.name, 'look here', { urgency: 'quiet' })
    const text = await one.prompted()
    expect(text).toContain('look here')
    expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered', route: 'prompt hook' })
    expect(await one.context('UserPromptSubmit')).toBe('')
    expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered' })
    await one.hook('PreToolUse', { tool_name: 'Bash', command: 'ls' })
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
    expect(await bus.receipt(id, one.name)).toMatchObject({ route: 'prompt hook', proof: 'PreToolUse hook' })
  })

  it('in a running turn waits for the end of the batch of tools before the next deed proves anything', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'typed beside it')
    await until(() => one.context('UserPromptSubmit'))
    await provedAfterTheBatch(bus, one, id)
  })

  it.each(['Stop', 'StopFailure'])('typed into a turn that another prompt began behind %s waits as well', async end => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.status('busy')
    for (const hook of ['UserPromptSubmit', 'UserPromptSubmit', end]) await one.hook(hook)
    // No hook tells of the turn that goes on now.
    const id = await peer.publish(one.name, 'typed beside it')
    await until(() => one.rings.length > 0)
    expect(await one.context('UserPromptSubmit')).toContain('typed beside it')
    await provedAfterTheBatch(bus, one, id)
  })

  it('typed while a dialog is open waits as well', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'typed beside it', { urgency: 'quiet' })
    await one.hook('PermissionRequest')
    await until(() => one.context('UserPromptSubmit'))
    await provedAfterTheBatch(bus, one, id)
  })

  it('at rest is proved by the next deed, whatever was typed into the turn before', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    for (const hook of ['UserPromptSubmit', 'UserPromptSubmit', 'PostToolBatch', 'Stop']) await one.hook(hook)
    const first = await peer.publish(one.name, 'after the batch', { urgency: 'quiet' })
    await one.prompted()
    await one.hook('Stop')
    await until(async () => (await bus.receipt(first, one.name))?.proof === 'Stop hook')
    for (const hook of ['UserPromptSubmit', 'UserPromptSubmit', 'Stop']) await one.hook(hook)
    // It was taken back.
    await one.status('idle')
    const second = await peer.publish(one.name, 'and at rest', { urgency: 'quiet' })
    await one.prompted()
    await one.hook('Stop')
    await until(async () => (await bus.receipt(second, one.name))?.proof === 'Stop hook')
  })

  it('lets an `inbox` call be proved by what comes after its result, not beside it', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'y'.repeat(20_000))
    await one.hook('PreToolUse', { tool_name: 'mcp__plugin_switchboard_bus__inbox' })
    expect((await one.tool('inbox')).messages).toHaveLength(1)
    await one.hook('PostToolBatch')
    expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered', route: 'inbox tool' })
    await one.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.proof === 'Stop hook')
  })

  it('proves nothing of an `inbox` call by what the same batch does beside it', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'in the first', { urgency: 'quiet' })
    await until(async () => (await one.tool('inbox')).messages.length === 1)
    expect((await one.tool('inbox')).messages).toEqual([])
    await one.tool('publish', { to: peer.name, text: 'decided before it was read' })
    expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered' })
    await one.hook('PostToolBatch')
    await one.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })
})

describe('an `inbox` call that the user interrupts', () => {
  /** Begins the call and gives it up when the hub has answered: the two cross on their way. */
  async function interrupted(one: One, isLeased: () => Promise<unknown>) {
    const send = (message: object) => one.client.transport!.send({ jsonrpc: '2.0', ...message } as never)
    await one.hook('PreToolUse', { tool_name: 'mcp__plugin_switchboard_bus__inbox' })
    await send({ id: 'esc', method: 'tools/call', params: { name: 'inbox', arguments: {} } })
    await until(isLeased)
    await send({ method: 'notifications/cancelled', params: { requestId: 'esc' } })
  }

  it('takes no mail with it', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'unheard', { urgency: 'quiet' })
    await interrupted(one, async () => (await bus.receipt(id, one.name))?.state === 'offered')
    const text = await one.prompted()
    expect(text).toContain('repeat="possible"')
    expect(text.match(/unheard/g)).toHaveLength(1)
    await one.hook('PostToolBatch')
    await one.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })

  it('leaves what else is before the agent where it is', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const ahead = await peer.publish(one.name, 'typed beside it', { urgency: 'quiet' })
    let text = await until(() => one.context('UserPromptSubmit'))
    const id = await peer.publish(one.name, 'unheard', { urgency: 'quiet' })
    await interrupted(one, async () => (await bus.receipt(id, one.name))?.state === 'offered')
    for (const hook of ['UserPromptSubmit', 'PostToolBatch', 'Stop']) text += await one.context(hook)
    await until(async () => (await bus.receipt(ahead, one.name))?.state === 'consumed')
    expect(await bus.receipt(id, one.name)).toMatchObject({ state: 'offered' })
    text += await one.prompted()
    expect(text.match(/typed beside it/g)).toHaveLength(1)
    expect(text.match(/unheard/g)).toHaveLength(1)
    await one.hook('PostToolBatch')
    await one.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
  })
})

describe('a hook that the client has given up', () => {
  it('takes no letter with it, whether it was answered by then or not', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    const send = (message: object) => one.client.transport!.send({ jsonrpc: '2.0', ...message } as never)
    const asked = { event: 'UserPromptSubmit', session_id: 'one' }
    for (const isAnswered of [true, false]) {
      await one.turn()
      const id = await peer.publish(one.name, `unheard ${isAnswered}`, { urgency: 'quiet' })
      await until(async () => (await one.tool('whoami')).unread === 1)
      await send({ id: 'late', method: 'tools/call', params: { name: 'hook', arguments: asked } })
      if (isAnswered) await until(async () => (await bus.receipt(id, one.name))?.state === 'offered')
      await send({ method: 'notifications/cancelled', params: { requestId: 'late' } })
      const text = await one.prompted()
      expect(text.match(/unheard/g)).toHaveLength(1)
      await one.hook('PostToolBatch')
      await one.hook('Stop')
      await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
    }
  })
})

describe('a compaction', () => {
  it('in mid-turn brings nothing again that stands behind the summary, and it is proved as ever', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    const id = await peer.publish(one.name, 'just before', { urgency: 'quiet' })
    await until(() => one.context('PostToolBatch'))
    expect(await one.context('SessionStart', { source: 'compact' })).toBe('')
    await one.hook('Stop')
    await until(async () => (await bus.receipt(id, one.name))?.state === 'consumed')
    expect(await one.turn()).not.toContain('just before')
  })

  it('after an interruption brings again what nothing shows to have been read', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'with the prompt', { urgency: 'quiet' })
    await until(() => one.context('UserPromptSubmit'))
    await one.status('idle', Date.now() + 1)
    expect(await one.context('SessionStart', { source: 'compact' })).toBe('')
    expect(await one.prompted()).toContain('with the prompt')
  })
})
