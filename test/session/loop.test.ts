import { expect, it } from 'vitest'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

it('three sessions that answer each other for ever stop within eight hops, and the operator hears of it', async () => {
  const bus = await switchboard()
  const sessions = await Promise.all(['one', 'two', 'three'].map(id => scripted(bus, { id })))
  await Promise.all(sessions.map(each => each.turn()))
  const first = await sessions[0]!.tool('publish', { to: sessions[1]!.name, text: 'ping' })
  let replies = 0

  /** Answers each letter with a letter to the next, as soon as its bell rings. */
  const answer = async (index: number) => {
    const me = sessions[index]!
    const heard = me.rings.length
    const text = await me.turn()
    for (const [, id] of text.matchAll(/<switchboard-message id="(\d+)"/g)) {
      const next = sessions[(index + 1) % 3]!
      const sent = await me.tool('publish', { to: next.name, text: `re ${id}`, reply_to: Number(id) })
      if (!sent.isError) replies++
    }
    return heard
  }
  const seen = [0, 0, 0]
  const isQuiet = async () => {
    for (const index of [0, 1, 2]) {
      if (sessions[index]!.rings.length === seen[index]) continue
      seen[index] = sessions[index]!.rings.length
      await answer(index)
    }
    const { events } = await bus.operator.call('get_events', { types: ['message'], order: 'asc', after: 0 })
    const statuses = events.map(({ id }) => bus.operator.call('message_status', { event_id: id }))
    const states = (await Promise.all(statuses)).flatMap(({ receipts }) => receipts.map(({ state }) => state))
    return states.every(state => state !== 'stored' && state !== 'offered')
  }
  await until(isQuiet, { what: 'every letter to be read or held' })
  expect(replies).toBeGreaterThan(5)
  const { events } = await bus.operator.call('get_events', { types: ['message'], order: 'asc', after: 0 })
  expect(events[0]?.id).toBe(first.event_id)
  const held = await until(async () => {
    const { receipts } = await bus.operator.call('message_status', { event_id: events.at(-1)!.id })
    return receipts.find(each => each.state === 'held')
  })
  expect(held.reason).toContain('hops')
  expect(replies).toBeLessThanOrEqual(10)
})
