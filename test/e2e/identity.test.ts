import { describe, expect, test } from 'vitest'
import { StreamSession, TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

describe('a session keeps its identity', () => {
  test('through /clear, and its shells know it under the new id', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash'] })
    await session.prompt('hello')
    const before = await bus.session()
    const conversation = await session.clear()
    const who = `node '${bus.program}' whoami --json`
    await session.prompt(script({ tool: 'Bash', input: { command: who } }, { text: 'that is me' }))
    expect(bus.sandbox.model.textSeenBy(conversation)).toContain(before.id)
    const peer = await bus.peer('peer')
    const id = await peer.publish(before.name, 'after the clear')
    await bus.receipt(id, before.name, 'consumed')
    const [request] = bus.sandbox.model.requestsOf(conversation).slice(-1)
    expect(lettersIn(request!, 'after the clear')).toHaveLength(1)
    expect((await bus.sessions()).filter(each => each.agent === 'claude-code').map(each => each.id)).toEqual([
      before.id,
    ])
  })

  test('through /compact, which brings back nothing that was read', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const before = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(before.name, 'read before the summary')
    await bus.receipt(id, before.name, 'consumed')
    await session.waitForIdle()
    await session.compact()
    await session.prompt('go on')
    const [request] = bus.sandbox.model.requestsOf(await session.sessionId()).slice(-1)
    expect(lettersIn(request!, 'read before the summary')).toHaveLength(0)
    const next = await peer.publish(before.name, 'after the summary')
    expect(await bus.receipt(next, before.name, 'consumed')).toMatchObject({ route: 'prompt hook' })
    expect((await bus.session()).id).toBe(before.id)
  })

  test('through /clear while the hub is away, with what was unread then', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const before = await bus.session()
    const peer = await bus.peer('peer')
    const read = await peer.publish(before.name, 'read before the clear')
    await bus.receipt(read, before.name, 'consumed')
    await session.waitForIdle()
    const id = await peer.publish(before.name, 'unread at the clear', { urgency: 'quiet' })
    process.kill((await bus.hubPid())!, 'SIGKILL')
    const conversation = await session.clear()
    await session.prompt('without a hub')
    // The peer's call starts the next hub, and its letter rings.
    const next = await peer.publish(before.name, 'after the hub is back')
    for (const each of [id, next]) await bus.receipt(each, before.name, 'consumed')
    const seen = bus.sandbox.model.requestsOf(conversation).at(-1)!
    for (const text of ['unread at the clear', 'after the hub is back']) expect(lettersIn(seen, text)).toHaveLength(1)
    expect(lettersIn(seen, 'read before the clear')).toHaveLength(0)
    expect((await bus.session()).id).toBe(before.id)

    await session.kill()
    await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: conversation })
    expect((await bus.session(each => each.presence === 'online')).id).toBe(before.id)
  })

  test('through a compaction that the client does by itself in mid-turn, with a letter that came just before', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash'] })
    await session.turn('hello')
    const before = await bus.session()
    const peer = await bus.peer('peer')
    // So much of its window is used, says the model, that the client compacts before it asks again.
    const full = { tool: 'Bash', input: { command: 'true' }, usage: { input_tokens: 990_000 }, held: true }
    const after = bus.sandbox.model.lastSeq
    session.send(script(full, { text: 'after the summary' }))
    await bus.sandbox.model.waitForRequest(() => true, { after })
    const id = await peer.publish(before.name, 'just before the summary')
    await bus.sandbox.model.release()
    await session.waitForResult(1)
    expect(bus.sandbox.model.requests.filter(each => each.kind === 'compaction')).toHaveLength(1)
    const last = bus.sandbox.model.requestsOf(session.sessionId!).at(-1)!
    expect(lettersIn(last, 'just before the summary')).toHaveLength(1)
    await bus.receipt(id, before.name, 'consumed')
    expect((await bus.session()).id).toBe(before.id)
  })

  test('through a compaction that comes with a prompt, whose letter it keeps', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt(script({ text: 'full', usage: { input_tokens: 990_000 } }))
    const before = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    const id = await peer.publish(before.name, 'with the prompt', { urgency: 'quiet' })
    await waitFor(
      'it to be unread',
      async () => (await peer.client.call('message_status', { event_id: id })).receipts[0],
    )
    await session.prompt('go on')
    await session.prompt('and on')
    expect(bus.sandbox.model.requests.filter(each => each.kind === 'compaction')).toHaveLength(1)
    const last = bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
    expect(lettersIn(last, 'with the prompt')).toHaveLength(1)
    await bus.receipt(id, before.name, 'consumed')
  })

  test('through the end of its process and --resume, with the mail of the meantime', async () => {
    await using bus = await Switchboard.create()
    const first = await TerminalSession.start(bus.sandbox, bus.launch)
    await first.prompt('hello')
    const before = await bus.session()
    const conversation = await first.sessionId()
    await first.exit()
    await waitFor('the session to be gone', async () => (await bus.sessions()).every(each => each.id !== before.id))
    const peer = await bus.peer('peer')
    const id = await peer.publish(before.id, 'while you were away', { urgency: 'quiet' })
    const again = await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: conversation })
    expect(await bus.session()).toMatchObject({ id: before.id, name: before.name })
    await again.prompt('I am back')
    const [request] = bus.sandbox.model.requestsOf(conversation).slice(-1)
    expect(lettersIn(request!, 'while you were away')).toHaveLength(1)
    await bus.receipt(id, before.name, 'consumed')
  })
})
