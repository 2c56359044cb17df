import { expect, test } from 'vitest'
import { runPrint, TerminalSession } from './harness/client.ts'
import { placesOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { waitFor } from './harness/wait.ts'
import { lettersIn, Switchboard, TOOL } from './support/switchboard.ts'

test('a session in the folder of one that ended is told what that left unread, and takes it over with one call', async () => {
  await using bus = await Switchboard.create()
  const first = await TerminalSession.start(bus.sandbox, bus.launch)
  await first.prompt('hello')
  const ended = await bus.session()
  const conversation = await first.sessionId()
  await first.exit()
  await waitFor('the session to be gone', async () => (await bus.sessions()).every(each => each.id !== ended.id))
  const peer = await bus.peer('peer')
  const ids = [
    await peer.publish(ended.id, 'Which port does the API use?'),
    await peer.publish(ended.id, 'It is urgent.'),
  ]

  // A print run is told nothing: it was not asked for.
  const printed = await runPrint(bus.sandbox, 'hi', bus.launch)
  expect(bus.sandbox.model.textSeenBy(printed.sessionId)).not.toContain('take_over')

  const next = await TerminalSession.start(bus.sandbox, bus.launch)
  const call = { tool: `${TOOL}inbox`, input: { take_over: ended.codename } }
  await next.prompt(script(call, { text: 'I have them' }))
  const { id, name } = await bus.session(each => each.id !== ended.id)
  const [asked, answered] = bus.sandbox.model.requestsOf(await next.sessionId()).slice(-2)
  expect(lettersIn(asked!, `take_over\` ${ended.codename}`)).toHaveLength(1)
  for (const text of ['Which port does the API use?', 'It is urgent.']) {
    expect(lettersIn(asked!, text)).toHaveLength(0)
    expect(placesOf(answered!, text)).toHaveLength(1)
  }
  for (const eventId of ids) await bus.receipt(eventId, name, 'consumed')
  const { receipts } = await bus.operator.call('message_status', { event_id: ids[0]! })
  expect(receipts[0]).toMatchObject({ state: 'taken_over', taken_over_by: name, codename: ended.codename })

  // Resumed, the first one gets nothing of it a second time.
  await next.exit()
  await waitFor('the next to be gone', async () => (await bus.sessions()).every(each => each.id !== id))
  const back = await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: conversation })
  await back.prompt('go on')
  expect((await bus.session(each => each.id === ended.id)).presence).toBe('online')
  for (const text of ['Which port does the API use?', 'It is urgent.']) {
    expect(lettersIn(bus.sandbox.model.requestsOf(conversation).at(-1)!, text)).toHaveLength(0)
  }
})
