import { mkdir, readdir, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { successionIn } from '../../src/home/succession.ts'
import { tryKill } from '../client/support/home.ts'
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
  it('has nothing to say when nothing is there', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    for (const event of ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch', 'Stop', 'Unheard']) {
      expect(await one.hook(event)).toEqual({})
    }
  })

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

  it('of the end of a turn speaks for urgent mail only, and once', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    await peer.publish(one.name, 'no hurry', { urgency: 'quiet' })
    await peer.client.call('whoami', {})
    expect(await one.hook('Stop')).toEqual({})
    await one.hook('UserPromptSubmit')
    await peer.publish(one.name, 'hurry')
    const text = await until(async () => (await one.context('Stop')) || undefined)
    expect(text).toContain('hurry')
    expect(await one.hook('Stop')).toEqual({})
  })

  it('of a subagent brings nothing, proves nothing and may only peek', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    const first = await peer.publish(one.name, 'first', { urgency: 'quiet' })
    await one.prompted()
    await peer.publish(one.name, 'second', { urgency: 'quiet' })
    const sub = { agent_id: 'agent-1' }
    expect(await one.hook('PostToolBatch', sub)).toEqual({})
    expect(await one.hook('UserPromptSubmit', sub)).toEqual({})
    const inbox = { ...sub, tool_name: 'mcp__plugin_switchboard_bus__inbox' }
    expect((await one.hook('PreToolUse', inbox)).hookSpecificOutput?.permissionDecision).toBe('deny')
    const peek = await one.hook('PreToolUse', { ...inbox, peek: 'true' })
    expect(peek.hookSpecificOutput?.permissionDecision).toBe('allow')
    expect(await bus.receipt(first, one.name)).toMatchObject({ state: 'offered' })
    expect(await one.context('PostToolBatch')).toContain('second')
  })

  it('brings a letter that is too large for it as a line to ask for, once', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'y'.repeat(20_000))
    const text = await one.prompted()
    expect(text).toContain('1 unread on the switchboard')
    expect(text.length).toBeLessThan(500)
    expect(await one.hook('PostToolBatch')).toEqual({})
    expect(await one.hook('Stop')).toEqual({})
    expect(await one.hook('UserPromptSubmit')).toEqual({})
    expect((await one.tool('inbox')).messages).toHaveLength(1)
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

describe('a git command in a shell', () => {
  it('is asked about where it would move the worktree of another session, as the shell would find it', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const two = join(await realpath(bus.home), 'two')
    await mkdir(two)
    await symlink(two, join(bus.home, 'link'))
    await bus.operator.call('register', { name: 'peer', facts: { worktree: two, cwd: two } })
    const reason = async (command: string, cwd: string) => {
      const { hookSpecificOutput } = await one.hook('PreToolUse', { tool_name: 'Bash', command, cwd })
      return hookSpecificOutput?.permissionDecisionReason
    }
    const moves = `Switchboard: git stash moves the worktree ${two} that peer works in.`
    expect(await reason(`git -C ${two} stash`, bus.home)).toBe(moves)
    expect(await reason('cd two && git stash', await realpath(bus.home))).toBe(moves)
    expect(await reason('git stash', join(bus.home, 'link'))).toBe(moves)
    expect(await reason('git stash', bus.home)).toBeUndefined()
  })
})

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

  it('is the same session also where the hub was away for long, and then gets what it had not read, once', {
    timeout: 60_000,
  }, async () => {
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
