import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runPrint, StreamSession, TerminalSession } from './harness/client.ts'
import { textOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { Switchboard, TOOL } from './support/switchboard.ts'

describe('the tools of the bus', () => {
  test('run without a dialog in manual mode', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    const calls = ['whoami', 'list_sessions', 'inbox'].map(name => ({ tool: `${TOOL}${name}` }))
    await session.prompt(script({ tools: calls }, { text: 'no dialog came' }))
    expect(await session.screen()).toContain('no dialog came')
  })

  test('give a subagent no mail of its session', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Agent'] })
    await session.turn('hello')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'for the main agent', { urgency: 'quiet' })
    const prompt = script({ tool: `${TOOL}inbox` }, { text: 'could not read' })
    const delegate = { tool: 'Agent', input: { description: 'look', prompt, subagent_type: 'general-purpose' } }
    await session.turn('delegate')
    // The letter came with that prompt; another one comes while the subagent works.
    await bus.receipt(id, name, 'consumed')
    bus.sandbox.model.queue({ match: 'again', steps: [delegate, { text: 'done' }] })
    session.send('again')
    await bus.sandbox.model.waitForRequest(request => request.kind === 'subagent')
    const second = await peer.publish(name, 'while the subagent works', { urgency: 'quiet' })
    await session.waitForResult(2)
    // The client lets its agents work in the background, so the turn may have ended first.
    await bus.sandbox.model.waitForRequest(
      request => request.kind === 'subagent' && textOf(request).includes('a subagent can only peek'),
    )
    const seenBySubagents = bus.sandbox.model.requests.filter(request => request.kind === 'subagent').map(textOf)
    expect(seenBySubagents.join()).not.toContain('while the subagent works')
    await session.turn('and now?')
    expect(await bus.receipt(second, name, 'consumed')).toMatchObject({ proof: expect.stringContaining('hook') })
    expect(bus.sandbox.model.textSeenBy(session.sessionId!)).toContain('while the subagent works')
  })
})

describe('a file that another session has claimed', () => {
  test('is asked about before it is edited, and both are told of a collision', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const file = join(sandbox.project, 'schema.sql')
    await writeFile(file, 'old\n')
    const one = await TerminalSession.start(sandbox, { ...bus.launch, permissionMode: 'acceptEdits' })
    await one.prompt('hello')
    const { name } = await bus.session()
    const other = await bus.peer('migrator')
    await other.client.call('claim', { path: 'schema.sql', note: 'adding a column' })

    const edit = { tool: 'Write', input: { file_path: file, content: 'new\n' } }
    const read = { tool: 'Read', input: { file_path: file } }
    await one.submit(script(read, edit, { text: 'edited' }))
    // In this mode only the bus asks. The client's dialog for edits has no room for a reason; it comes with the answer.
    await one.answerDialog('Enter')
    const screen = await one.waitForScreen('● edited')
    expect(screen.replace(/\s+/g, ' ')).toContain('claimed by migrator ("adding a column")')
    expect(await readFile(file, 'utf8')).toBe('new\n')

    await other.client.call('note_edit', { path: 'schema.sql' })
    await one.waitForIdle()
    await one.prompt('go on')
    const seen = sandbox.model.textSeenBy(await one.sessionId())
    expect(seen).toContain('migrator edited')
    const { messages } = await other.client.call('inbox', {})
    expect(messages.map(message => message.text).join()).toContain(`${name} edited`)
  })

  test('is refused where the configuration says deny', async () => {
    await using bus = await Switchboard.create()
    await writeFile(join(bus.sandbox.root, 'bus', 'config.toml'), '[claims]\non_edit = "deny"\n')
    const file = join(bus.sandbox.project, 'schema.sql')
    const other = await bus.peer('migrator')
    await other.client.call('claim', { path: 'schema.sql' })
    const write = { tool: 'Write', input: { file_path: file, content: 'new\n' } }
    const turn = await runPrint(bus.sandbox, script(write, { text: 'gave up' }), {
      ...bus.launch,
      permissionMode: 'acceptEdits',
    })
    expect(turn.result).toBe('gave up')
    expect(existsSync(file)).toBe(false)
    expect(bus.sandbox.model.textSeenBy(turn.sessionId)).toContain('claimed by migrator')
  })
})

describe('a git command that moves ground under another session', () => {
  test('is asked about, and is not where the other works in a worktree of its own', async () => {
    await using bus = await Switchboard.create()
    const worktree = await bus.sandbox.addWorktree('feature')
    const launch = { ...bus.launch, allowedTools: ['Bash'] }
    const neighbour = StreamSession.start(bus.sandbox, launch)
    await neighbour.turn('hello')
    const stash = { tool: 'Bash', input: { command: 'git stash' } }
    const elsewhere = await runPrint(bus.sandbox, script(stash, { text: 'fine' }), { ...launch, cwd: worktree })
    expect(bus.sandbox.model.textSeenBy(elsewhere.sessionId)).toContain('No local changes')

    const session = await TerminalSession.start(bus.sandbox, launch)
    await session.submit(script(stash, { text: 'stashed' }))
    const screen = await session.answerDialog('Enter')
    expect(screen.replace(/\s+/g, ' ')).toContain('git stash moves the worktree that')
    await session.waitForScreen('● stashed')
  })
})
