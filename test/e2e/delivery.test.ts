import { describe, expect, test } from 'vitest'
import { runPrint, StreamSession, TerminalSession } from './harness/client.ts'
import { placesOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard, TOOL } from './support/switchboard.ts'

describe('a letter', () => {
  test('goes from one real session to another, which reads it once, and its receipt says how', async () => {
    await using bus = await Switchboard.create()
    const { sandbox } = bus
    const reader = StreamSession.start(sandbox, { ...bus.launch, name: 'reader' })
    await reader.turn('hello')
    const { name } = await bus.session()

    const publish = { tool: `${TOOL}publish`, input: { to: name, text: 'the schema has moved', urgency: 'quiet' } }
    const writer = await runPrint(sandbox, script(publish, { text: 'sent' }), bus.launch)
    expect(writer.result).toBe('sent')

    await reader.turn('anything new?')
    await reader.turn('and now?')
    const requests = sandbox.model.requestsOf(reader.sessionId!)
    expect(requests.map(request => lettersIn(request, 'the schema has moved').length)).toEqual([0, 1, 1])
    const [place] = lettersIn(requests[1]!, 'the schema has moved')
    expect(place!.text).toMatch(/<switchboard-message id="\d+" from="project(-\d)?" trust="peer"[^>]*>\nthe schema/)
    const { events } = await bus.operator.call('get_events', { types: ['message'] })
    const receipt = await bus.receipt(events[0]!.id, name, 'consumed')
    expect(receipt).toMatchObject({ route: 'prompt hook', proof: 'Stop hook' })
  })

  test('wakes an idle session in its terminal by itself', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    const { model } = bus.sandbox

    const after = model.lastSeq
    const id = await peer.publish(name, 'wake up and rebase')
    const woken = await model.waitForRequest(request => lettersIn(request, 'wake up and rebase').length > 0, { after })
    expect(placesOf(woken, '1 new message on the switchboard').map(place => place.role)).toEqual(['user'])
    expect(lettersIn(woken, 'wake up and rebase')).toHaveLength(1)
    expect(await bus.receipt(id, name, 'consumed')).toMatchObject({ route: 'prompt hook', proof: 'Stop hook' })
    await session.waitForIdle()
    expect(model.lastSeq).toBe(woken.seq)
    // The person sees who wrote, and the model does not hear it twice.
    expect(await session.screen()).toContain('Switchboard mail from peer: "wake up and rebase"')
    expect(placesOf(woken, 'Switchboard mail from peer')).toEqual([])

    // The client passes over a line that it has had before.
    for (const text of ['wake up once more', 'and again']) {
      const next = await peer.publish(name, text)
      await bus.receipt(next, name, 'consumed')
      expect(lettersIn(model.requestsOf(await session.sessionId()).at(-1)!, text)).toHaveLength(1)
    }
  })

  test('wakes an idle session as often as there is one, and no more often than its client takes', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session(each => each.activity === 'idle')
    const peer = await bus.peer('peer')
    // The client takes thirty at once of a sender, and meanwhile some more.
    for (let i = 1; i <= 40; i++) {
      await session.waitForIdle()
      const id = await peer.publish(name, `letter ${i} of many`)
      await bus.receipt(id, name, 'consumed')
      expect(await session.screen()).not.toContain('Dropped a peer message')
    }
  })

  test('reaches a busy session at its next tool boundary, without a bell', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash'] })
    const peer = await bus.peer('peer')
    const { name } = await bus.session()
    session.send(script({ tool: 'Bash', input: { command: 'true' }, held: true }, { text: 'done' }))
    // Busy it is from the prompt on, whose own hook may still take a letter that comes then.
    await bus.sandbox.model.waitForRequest(() => true)
    const id = await peer.publish(name, 'stop what you do')
    await bus.sandbox.model.release()
    await session.waitForResult(0)
    const requests = bus.sandbox.model.requestsOf(session.sessionId!)
    expect(requests.map(request => lettersIn(request, 'stop what you do').length)).toEqual([0, 1])
    expect(placesOf(requests[1]!, 'on the switchboard')).toHaveLength(0)
    expect(await bus.receipt(id, name, 'consumed')).toMatchObject({ route: 'tool hook', proof: 'Stop hook' })
  })

  test('that comes while the last answer is written is read before the turn ends', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, bus.launch)
    await session.turn('hello')
    const peer = await bus.peer('peer')
    const { name } = await bus.session()
    const after = bus.sandbox.model.lastSeq
    session.send(script({ text: 'thinking', held: true }, { text: 'after the letter' }))
    await bus.sandbox.model.waitForRequest(() => true, { after })
    const id = await peer.publish(name, 'one more thing')
    await bus.sandbox.model.release()
    const result = await session.waitForResult(1)
    expect(result.result).toBe('after the letter')
    expect(await bus.receipt(id, name, 'consumed')).toMatchObject({ route: 'stop hook', proof: 'Stop hook' })
  })
})
