import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TerminalSession } from './harness/client.ts'
import { textOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
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
      ...(route === 'monitor' ? [join(launch.pluginDir as string, 'plugin', 'monitor')] : []),
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

describe('a client that stands still', () => {
  test('is woken once when it goes on, and nothing is typed into its pane', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    await session.standStill()
    const id = await peer.publish(name, 'while you stand still')
    const rung = async () => (await bus.session()).injected?.rings ?? 0
    await waitFor('the ring', async () => (await rung()) > 0)
    // What comes now rings no second time.
    const next = await peer.publish(name, 'and this')
    process.kill((await bus.hubPid())!, 'SIGKILL')
    await bus.receipt(next, name, 'stored')
    session.goOn()
    await Promise.all([id, next].map(each => bus.receipt(each, name, 'consumed')))
    await session.waitForIdle()
    const request = bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
    expect(new Set(textOf(request).match(/on the switchboard \(ring \d+\)/g)).size).toBe(1)
    const transcript = await transcriptOf(bus.sandbox.home, await session.sessionId())
    const typed = transcript.filter(line => line.origin?.kind === 'human').map(line => JSON.stringify(line))
    expect(typed.filter(line => line.includes('on the switchboard'))).toEqual([])
  })
})

describe('a person who has said "No" in a dialog', () => {
  test('is left alone for the moment after', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    const peer = await bus.peer('peer')
    await session.submit(script({ tool: 'Bash', input: { command: 'touch asked' } }, { text: 'done' }))
    await session.waitForDialog()
    const { name } = await bus.session(each => each.activity === 'waiting')
    const id = await peer.publish(name, 'not in this moment')
    await bus.receipt(id, name, 'stored')
    await session.answerDialog('Escape')
    const { statusUpdatedAt } = await session.waitForIdle()
    const after = bus.sandbox.model.lastSeq
    const woken = await bus.sandbox.model.waitForRequest(it => lettersIn(it, 'not in this moment').length > 0, {
      after,
    })
    expect(woken.kind).toBe('main')
    // The client's own dates: its idle, and the busy of the turn that the wake began.
    expect(
      (await session.waitForStatus('the turn', it => it.statusUpdatedAt > statusUpdatedAt)).statusUpdatedAt -
        statusUpdatedAt,
    ).toBeGreaterThanOrEqual(3_000)
    await bus.receipt(id, name, 'consumed')
  })
})

interface Line {
  readonly origin?: { readonly kind?: string }
}

/** What the client keeps of a conversation. */
async function transcriptOf(home: string, id: string): Promise<Line[]> {
  const projects = join(home, '.claude', 'projects')
  const [file] = (await readdir(projects, { recursive: true })).filter(name => name.endsWith(`${id}.jsonl`))
  const text = await readFile(join(projects, file!), 'utf8')
  return text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as Line]))
}

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
