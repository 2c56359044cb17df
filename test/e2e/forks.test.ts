import { describe, expect, test } from 'vitest'
import { TerminalSession } from './harness/client.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

describe('a fork is a session of its own that knows its parent', () => {
  test('by --fork-session', async () => {
    await using bus = await Switchboard.create()
    const parent = await TerminalSession.start(bus.sandbox, bus.launch)
    await parent.prompt('hello')
    const before = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish('all', 'known to the parent')
    await parent.prompt('read it')
    await bus.receipt(id, before.name, 'consumed')
    const options = { ...bus.launch, resume: await parent.sessionId(), fork: true }
    const fork = await TerminalSession.start(bus.sandbox, options)
    await fork.prompt('on my own')
    const session = await bus.session(each => each.id !== before.id)
    expect(session).toMatchObject({ parent: before.id })
    const [request] = bus.sandbox.model.requestsOf(await fork.sessionId()).slice(-1)
    expect(lettersIn(request!, 'known to the parent')).toHaveLength(1)
    expect(session.name).not.toBe(before.name)
  })

  test('by /branch, in the same process', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const before = await bus.session()
    const conversation = await session.sessionId()
    await session.submit('/branch')
    await session.waitForStatus('another conversation', it => it.sessionId !== conversation)
    await session.waitForIdle()
    await session.prompt('in the branch')
    const branch = await bus.session(each => each.id !== before.id)
    expect(branch).toMatchObject({ parent: before.id })
    await waitFor('the parent to be gone', async () => (await bus.sessions()).every(each => each.id !== before.id))
    const peer = await bus.peer('peer')
    const id = await peer.publish(branch.name, 'to the branch')
    await bus.receipt(id, branch.name, 'consumed')

    await session.submit(`/resume ${conversation}`)
    await session.waitForStatus('the first conversation', it => it.sessionId === conversation)
    await session.waitForIdle()
    await session.prompt('back at the root')
    await bus.session(each => each.id === before.id)
  })
})

describe('a fork whose parent the client does not name', () => {
  test('is known as one by --continue --fork-session', async () => {
    await using bus = await Switchboard.create()
    const parent = await TerminalSession.start(bus.sandbox, bus.launch)
    await parent.prompt('hello')
    const before = await bus.session()
    const peer = await bus.peer('peer')
    const id = await peer.publish('all', 'known to the parent')
    await parent.prompt('read it')
    await bus.receipt(id, before.name, 'consumed')
    const fork = await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: true, fork: true })
    await fork.prompt('on my own')
    expect(await bus.session(each => each.id !== before.id)).toMatchObject({ parent: before.id })
    const [request] = bus.sandbox.model.requestsOf(await fork.sessionId()).slice(-1)
    expect(lettersIn(request!, 'known to the parent')).toHaveLength(1)
  })

  test('is known as one by /fork, which goes on in the background and is woken like any other', async () => {
    await using bus = await Switchboard.create()
    const parent = await TerminalSession.start(bus.sandbox, bus.launch)
    await parent.prompt('hello')
    const before = await bus.session()
    await parent.submit('/fork go on by yourself')
    const fork = await bus.session(each => each.id !== before.id && each.activity === 'idle')
    expect(fork).toMatchObject({ parent: before.id })
    const peer = await bus.peer('peer')
    const id = await peer.publish(fork.name, 'to the fork')
    const woken = await bus.sandbox.model.waitForRequest(request => lettersIn(request, 'to the fork').length > 0)
    expect(woken.sessionId).not.toBe(await parent.sessionId())
    await bus.receipt(id, fork.name, 'consumed')
    expect((await bus.sessions()).find(each => each.id === before.id)).toMatchObject({ presence: 'online' })
  })
})
