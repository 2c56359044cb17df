import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asUser } from '../security/other-user.ts'
import { StreamSession, TerminalSession } from './harness/client.ts'
import { textOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

describe('a hub that is killed in mid-conversation', () => {
  test('breaks no turn, and what was written before and after is read once', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash'] })
    await session.turn('hello')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const before = await peer.publish(name, 'before the kill', { urgency: 'quiet' })
    process.kill((await bus.hubPid())!, 'SIGKILL')
    const call = { tool: 'Bash', input: { command: 'true' } }
    const turn = await session.turn(script(call, call, { text: 'without a hub' }))
    expect(turn.result).toBe('without a hub')
    // The peer's call starts the next hub.
    const after = await peer.publish(name, 'after the kill')
    await bus.receipt(before, name, 'consumed')
    await bus.receipt(after, name, 'consumed')
    const request = bus.sandbox.model.requestsOf(session.sessionId!).at(-1)!
    expect(lettersIn(request, 'before the kill')).toHaveLength(1)
    expect(lettersIn(request, 'after the kill')).toHaveLength(1)
    expect(session.stderr).not.toContain('hook failed')
  })

  test('or that hangs breaks no turn, and the letter comes when it goes on', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash'] })
    await session.turn('hello')
    await session.turn('warm')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const call = { tool: 'Bash', input: { command: 'true' } }
    const id = await peer.publish(name, 'while it hangs', { urgency: 'quiet' })
    const pid = (await bus.hubPid())!
    process.kill(pid, 'SIGSTOP')
    expect((await session.turn(script(call, { text: 'done' }))).result).toBe('done')
    process.kill(pid, 'SIGCONT')
    await session.turn('it is back')
    await session.turn('and goes on')
    await bus.receipt(id, name, 'consumed')
    const request = bus.sandbox.model.requestsOf(session.sessionId!).at(-1)!
    expect(lettersIn(request, 'while it hangs')).toHaveLength(1)
  })
})

describe('a session process that hangs for longer than the client waits for a hook', () => {
  test('loses no letter with the answer that comes too late', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'with the late answer', { urgency: 'quiet' })
    const pid = childOf(session.pid, 'mcp')
    process.kill(pid, 'SIGSTOP')
    const prompted = session.prompt('while it hangs')
    await session.waitForScreen('heard: while it hangs')
    process.kill(pid, 'SIGCONT')
    await prompted
    await waitFor('the letter', async () => {
      await session.prompt('and now?')
      const request = bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
      return lettersIn(request, 'with the late answer').length > 0
    })
    await bus.receipt(id, name, 'consumed')
  })
})

describe('a session in bypass mode', () => {
  test.skipIf(process.getuid?.() !== 0)('of a user that is not root is woken like any other', async () => {
    await using bus = await Switchboard.create({ user: 'nobody' })
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, permissionMode: 'bypassPermissions' })
    await session.turn('hello')
    // Nobody else's programs use that user's hub, root's neither.
    await asUser(bus.sandbox.uid!, async () => {
      const { name } = await bus.session(each => each.activity === 'idle')
      expect(await bus.session()).toMatchObject({ mode: 'bypassPermissions' })
      const peer = await bus.peer('peer')
      const id = await peer.publish(name, 'to the bypassed')
      await bus.receipt(id, name, 'consumed')
    })
    expect(lettersIn(bus.sandbox.model.requestsOf(session.sessionId!).at(-1)!, 'to the bypassed')).toHaveLength(1)
  })
})

describe('a burst of 200 messages to one idle session', () => {
  test('is read whole, nothing twice, with five rings at the most', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name, id } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    const texts = Array.from({ length: 200 }, (_, i) => `burst number ${i} of many, ${'x'.repeat(150)}.`)
    const ids = await Promise.all(texts.map(text => peer.publish(name, text)))
    const last = await waitFor('all to be read', async () => {
      const { receipts } = await bus.operator.call('message_status', { event_id: ids.at(-1)! })
      return receipts.find(each => each.state === 'consumed')
    })
    expect(last.proof).toContain('hook')
    await Promise.all(ids.map(each => bus.receipt(each, name, 'consumed')))
    const seen = bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
    const all = seen.parts
      .filter(part => part.text.includes('<switchboard-message'))
      .map(part => part.text)
      .join('\n')
    const counts = texts.map(text => all.split(text).length - 1)
    expect(counts.filter(count => count !== 1)).toEqual([])
    const rings = new Set(textOf(seen).match(/on the switchboard \(ring \d+\)/g))
    expect(rings.size).toBeLessThanOrEqual(5)
    console.info(
      `200 messages: ${rings.size} rings, ${bus.sandbox.model.requestsOf(await session.sessionId()).length} requests, session ${id}`,
    )
  })
})

describe('a prompt that the user interrupts before the model has answered', () => {
  test('loses no letter', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'with the interrupted prompt', { urgency: 'quiet' })
    await session.submit(script({ held: true }))
    await bus.receipt(id, name, 'offered')
    await session.waitForBusy()
    await session.press('Escape')
    await session.waitForIdle()
    // The client puts the prompt back into its input box and takes it out of the conversation.
    await session.press('C-u')
    const latest = async () => bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
    await waitFor('the letter', async () => {
      await session.prompt('another prompt')
      return lettersIn(await latest(), 'with the interrupted prompt').length > 0
    })
    await session.prompt('one more')
    expect(lettersIn(await latest(), 'with the interrupted prompt')).toHaveLength(1)
    await bus.receipt(id, name, 'consumed')
  })

  test('and one that is interrupted while the model writes gets it once', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'with the long answer', { urgency: 'quiet' })
    bus.sandbox.model.queue({ match: 'at length', steps: [{ text: 'on and on '.repeat(200), chunkMs: 50 }] })
    await session.submit('answer at length')
    await bus.receipt(id, name, 'offered')
    await session.waitForScreen('on and on')
    await session.press('Escape')
    await session.waitForIdle()
    await session.prompt('another prompt')
    const request = bus.sandbox.model.requestsOf(await session.sessionId()).at(-1)!
    expect(lettersIn(request, 'with the long answer')).toHaveLength(1)
    await session.prompt('one more')
    await bus.receipt(id, name, 'consumed')
  })
})

/** The process with this word on its command line that another one has started. */
function childOf(parent: number, word: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number)
  return children.find(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word))!
}
