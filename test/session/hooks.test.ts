import { mkdir, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

describe('a hook', () => {
  it('has nothing to say when nothing is there', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    for (const event of ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolBatch', 'Stop', 'Unheard']) {
      expect(await one.hook(event)).toEqual({})
    }
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

  it('of the end of a turn stops before the client would end it unasked, and what is left rings', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await one.hook('UserPromptSubmit')
    // Each fills a hook's answer.
    for (let i = 0; i < 9; i++) await peer.publish(one.name, `${i} ${'x'.repeat(5_000)}`)
    let [row, longest, seen] = [0, 0, '']
    await until(async () => {
      const text = await one.context('Stop')
      if (text === '' && row === 7) await until(() => one.rings.length > 0)
      row = text === '' ? 0 : row + 1
      longest = Math.max(longest, row)
      seen += text === '' ? await one.context('UserPromptSubmit') : text
      return Array.from({ length: 9 }, (_, i) => `\n${i} xxx`).every(each => seen.includes(each))
    })
    expect(longest).toBeLessThanOrEqual(7)
  })

  it('that brings letters says so to the person, beside what it asks about', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'which port?', { urgency: 'quiet' })
    const { systemMessage } = await until(async () => {
      const answer = await one.hook('UserPromptSubmit')
      return answer.hookSpecificOutput?.additionalContext === undefined ? undefined : answer
    })
    expect(systemMessage).toBe('Switchboard mail from peer: "which port?"')
    expect(await one.hook('PostToolBatch')).toEqual({})
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

  it('of the end of a turn is held up by no long letter, and by no digest that grows', async () => {
    const bus = await switchboard()
    const one = await scripted(bus, { id: 'one' })
    const peer = await bus.peer('peer')
    await peer.publish(one.name, 'y'.repeat(20_000), { title: 'long' })
    expect(await one.prompted()).toContain('(peer, urgent): "long"')
    await peer.publish(one.name, 'y'.repeat(20_000), { title: 'longer' })
    await peer.publish('all', 'fyi')
    expect(await one.context('Stop')).toBe('')
    await one.hook('UserPromptSubmit')
    await peer.publish(one.name, 'stop')
    const text = await until(async () => (await one.context('Stop')) || undefined)
    expect(text).toMatch(/>\nstop\n</)
    expect(await one.context('Stop')).toBe('')
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
    expect(await reason(`gi"t" -C ${two} stash`, bus.home)).toBe(moves)
    // The hub does not read so long a line.
    const long = `cat > a <<'EOF'\n${'x'.repeat(65_536)}\nEOF\n`
    expect(await reason(`${long}git -C ${two} stash`, bus.home)).toContain('too long to be checked')
    expect(await reason(`${long}git status`, bus.home)).toBeUndefined()
  })
})
