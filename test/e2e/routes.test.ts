import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { StreamSession, TerminalSession } from './harness/client.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

describe('an idle session without an inbox socket is woken', () => {
  test.each([
    ['monitor', 'monitor'],
    ['rewake', 'rewake'],
    ['tmux keys', 'tmux keys'],
  ])('by %s', async (_, route) => {
    await using bus = await Switchboard.create()
    const { launch } = bus
    const pluginDir = [
      launch.pluginDir as string,
      ...(route === 'monitor' ? [join(launch.pluginDir as string, 'monitor')] : []),
    ]
    const env = { SWITCHBOARD_DOORBELL: route }
    const session = await TerminalSession.start(bus.sandbox, { ...launch, pluginDir, env })
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    for (const text of ['first letter', 'second letter']) {
      const id = await peer.publish(name, text)
      await bus.receipt(id, name, 'consumed')
      const [request] = bus.sandbox.model.requestsOf(await session.sessionId()).slice(-1)
      expect(lettersIn(request!, text)).toHaveLength(1)
      await session.waitForIdle()
    }
    const memory = JSON.parse(await readFile(join(bus.sandbox.root, 'bus', 'doorbell.json'), 'utf8'))
    expect(Object.values(memory)).toEqual([{ [route]: { works: expect.any(String) } }])
  })

  test('by rewake also without a terminal', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, env: { SWITCHBOARD_DOORBELL: 'rewake' } })
    await session.turn('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'wake up')
    await bus.receipt(id, name, 'consumed')
    expect(lettersIn(bus.sandbox.model.requestsOf(session.sessionId!).at(-1)!, 'wake up')).toHaveLength(1)
  })
})

describe('keys typed into a pane', () => {
  test('never send a half-typed draft', async () => {
    await using bus = await Switchboard.create()
    const env = { SWITCHBOARD_DOORBELL: 'tmux keys' }
    const session = await TerminalSession.start(bus.sandbox, { ...bus.launch, env })
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    await session.type('a draft')
    await session.waitForScreen('a draft')
    const peer = await bus.peer('peer')
    const after = bus.sandbox.model.lastSeq
    // A program that types looks at the pane first.
    await session.tmux.run('set-hook', '-g', 'after-capture-pane', 'set -ga @looks x')
    const id = await peer.publish(name, 'not now')
    await waitFor('two looks at the draft', async () =>
      (await session.tmux.run('show', '-gqv', '@looks')).startsWith('xx'),
    )
    expect(bus.sandbox.model.lastSeq).toBe(after)
    expect(await session.screen()).toMatch(/❯.a draft\s*\n/)
    // The user sends it: then the letter rides along.
    await session.press('Enter')
    await bus.receipt(id, name, 'consumed')
  })
})

describe('a session without the plugin', () => {
  test('has tools and the bell, and reads its mail by itself', async () => {
    await using bus = await Switchboard.create()
    const servers = { switchboard: { command: process.execPath, args: [bus.program, 'mcp'] } }
    const session = await TerminalSession.start(bus.sandbox, {
      mcpConfig: { mcpServers: servers },
      permissionMode: 'manual',
      allowedTools: ['mcp__switchboard'],
    })
    await session.prompt('hello')
    const { name } = await bus.session()
    bus.sandbox.model.queue({
      match: 'on the switchboard',
      steps: [{ tool: 'mcp__switchboard__inbox' }, { tool: 'mcp__switchboard__whoami' }, { text: 'read it' }],
    })
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'for the inbox')
    expect(await bus.receipt(id, name, 'consumed')).toMatchObject({ route: 'inbox', proof: 'next call' })
    expect(bus.sandbox.model.textSeenBy(await session.sessionId())).toContain('for the inbox')
  })
})
