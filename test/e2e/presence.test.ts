import { describe, expect, test } from 'vitest'
import { StreamSession, TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

describe('a session that ends', () => {
  test('by kill -9 is gone', async () => {
    await using bus = await Switchboard.create()
    const session = StreamSession.start(bus.sandbox, bus.launch)
    await session.turn('hello')
    const { id } = await bus.session()
    await session.kill()
    await waitFor('it to be gone', async () => (await bus.sessions()).every(each => each.id !== id))
  })
})

describe('what a session does', () => {
  test('is shown: busy, waiting for a permission, idle, its mode', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    const ask = { tool: 'Bash', input: { command: 'touch asked' }, held: true }
    await session.submit(script(ask, { text: 'touched', held: true }))
    await bus.session(each => each.activity === 'busy')
    await bus.sandbox.model.release()
    await bus.session(each => each.activity === 'waiting' && each.waiting_for === 'permission prompt')
    await session.answerDialog('Enter')
    await bus.session(each => each.activity === 'busy')
    await bus.sandbox.model.release()
    expect(await bus.session(each => each.activity === 'idle')).toMatchObject({ mode: 'default' })
  })

  test('is shown idle after the user has interrupted it, and mail wakes it then', async () => {
    await using bus = await Switchboard.create()
    const session = await TerminalSession.start(bus.sandbox, bus.launch)
    await session.prompt('hello')
    const { name } = await bus.session()
    await session.submit(script({ held: true }))
    await bus.session(each => each.activity === 'busy')
    await session.waitForBusy()
    await session.press('Escape')
    await session.waitForIdle()
    const peer = await bus.peer('peer')
    const id = await peer.publish(name, 'after the interruption')
    await bus.sandbox.model.waitForRequest(request => lettersIn(request, 'after the interruption').length > 0)
    await bus.receipt(id, name, 'offered')
  })
})
