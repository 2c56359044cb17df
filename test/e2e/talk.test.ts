import { expect, test } from 'vitest'
import { TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { waitFor } from './harness/wait.ts'
import { Switchboard, TOOL } from './support/switchboard.ts'

const LOOK = { tool: 'Read', input: { file_path: '/etc/hostname' } }
const RUN = { tool: 'Bash', input: { command: 'true' } }

test.each([
  ['that only thanks is held at the ninth hop, until its user prompts it', [], true],
  ['that reads before it answers goes on', [LOOK], false],
  ['that runs a command before it answers goes on', [RUN], false],
])('a real session %s', async (_, work, isHeld) => {
  await using bus = await Switchboard.create()
  const session = await TerminalSession.start(bus.sandbox, { ...bus.launch, allowedTools: ['Bash', 'Read'] })
  await session.prompt('hello')
  const { name } = await bus.session(each => each.activity === 'idle')
  const peer = await bus.peer('peer')
  const thank = (text: string) => ({ tool: `${TOOL}publish`, input: { to: 'peer', text } })
  const answer = (text: string) =>
    waitFor(text, async () => {
      const { events } = await bus.operator.call('get_events', { types: ['message'], from: name })
      return events.find(event => event.text === text)
    })

  const held = []
  // The peer's messages are the even hops, the session's the odd ones.
  for (let hop = 1; hop <= 9; hop += 2) {
    const text = `thanks, hop ${hop}`
    bus.sandbox.model.queue({ match: 'new message', steps: [...work, thank(text), { text: 'done' }] })
    await peer.publish(name, `thanks, hop ${hop - 1}`)
    const answered = await answer(text)
    if (answered.held !== undefined) held.push(hop)
    else await waitFor('its letter', async () => (await peer.client.call('inbox', {})).messages.length > 0)
    await session.waitForIdle()
  }
  expect(held).toEqual(isHeld ? [9] : [])

  await session.prompt(script(thank('prompted'), { text: 'done' }))
  expect(await answer('prompted')).not.toHaveProperty('held')
})
