import { expect, it } from 'vitest'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

/** A session that ended with a message unread. */
async function ended(bus: Awaited<ReturnType<typeof switchboard>>) {
  const peer = await bus.peer('peer')
  const first = await scripted(bus, { id: 'first' })
  await first.client.close()
  const gone = async () => {
    const { sessions } = await bus.operator.call('list_sessions', { include_gone: true })
    return sessions.find(({ id, ended }) => id === first.busId && ended !== undefined)
  }
  const { codename } = await until(gone)
  return { codename, event: await peer.publish(codename, 'left for later') }
}

it('a session is told with its first prompt of what was left in its folder, takes it over, and its hooks prove it', async () => {
  const bus = await switchboard()
  const { codename, event } = await ended(bus)
  const next = await scripted(bus, { id: 'next' })
  const told = await next.prompted()
  expect(told).toContain(`\`inbox\` with \`take_over\` ${codename}`)
  expect(told).not.toContain('left for later')
  const { messages } = await next.tool('inbox', { take_over: codename })
  expect(messages).toMatchObject([{ id: event, text: 'left for later' }])
  await next.hook('PostToolBatch', { tools: 'mcp__plugin_switchboard_bus__inbox' })
  await next.hook('Stop')
  const receipts = async () => (await bus.operator.call('message_status', { event_id: event })).receipts
  await until(async () => (await receipts())[1]?.state === 'consumed')
  // The one that ended and the next are called after the same folder.
  expect(await receipts()).toMatchObject([
    { state: 'taken_over', taken_over_by: next.name, codename },
    { session: next.name, proof: expect.stringMatching(/hook$/) },
  ])
  expect(await next.turn()).toBe('')
})

it('a session of print mode is told of nothing', async () => {
  const bus = await switchboard()
  await ended(bus)
  const next = await scripted(bus, { id: 'next', env: { CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' } })
  expect((await next.tool('whoami')).unread).toBe(0)
})
