import { expect, test } from 'vitest'
import { bus, busTool, type Model, type Step } from './session-parts.ts'
import { openWorld, type World } from './world.ts'

const NAMES = ['ada', 'ben', 'cleo']
const MAX_HOPS = 8

interface Answered {
  readonly id: number
  readonly held: string | undefined
}

test('three sessions that answer everything stop after eight hops, until the operator lets one more through', async () => {
  await using world = await openWorld({ names: NAMES })
  const answered = answerForEver(world)
  const { operator } = world
  await operator.call('publish', { to: 'ada', text: 'please ask ben what cleo thinks' })

  const first = await world.until(() => answered.find(({ held }) => held !== undefined))
  expect(first.held).toContain('hops')
  // The operator's message is hop 0, of which the first answer makes a chain.
  expect(answered).toHaveLength(MAX_HOPS + 1)
  await quiet(world)
  expect(answered).toHaveLength(MAX_HOPS + 1)
  const read = world.sessions.map(({ context }) => context.seen.size).reduce((a, b) => a + b)
  expect(read).toBe(MAX_HOPS + 1)

  const { event_id: again } = await operator.call('continue_chain', { event_id: first.id })
  await world.until(() => world.sessions.find(({ context }) => context.seen.has(again)))
  const second = await world.until(() => answered.filter(({ held }) => held !== undefined)[1])
  expect(second.id).toBeGreaterThan(first.id)
  await quiet(world)
  expect(answered).toHaveLength(2 * (MAX_HOPS + 1))
})

test('three sessions that thank each other in fresh messages stop after eight hops, too', async () => {
  await using world = await openWorld({ names: NAMES })
  const answered = answerForEver(world, { says: () => ({}) })
  await world.operator.call('publish', { to: 'ada', text: 'please thank ben' })
  await world.until(() => answered.find(({ held }) => held !== undefined))
  await quiet(world)
  expect(answered).toHaveLength(MAX_HOPS + 1)
})

test.each([
  ['all three work', NAMES],
  ['one of them works', ['ben']],
])('three sessions go on for as long as there is work: %s', async (_, workers) => {
  await using world = await openWorld({ names: NAMES })
  const work = (name: string): Step[] => (workers.includes(name) ? [{ tool: 'Bash', input: { command: 'make' } }] : [])
  const answered = answerForEver(world, { says: id => ({ reply_to: id }), works: work })
  await world.operator.call('publish', { to: 'ada', text: 'please let ben build it and cleo review it' })
  await world.until(() => answered.length > 4 * MAX_HOPS || answered.some(({ held }) => held))
  expect(answered.filter(({ held }) => held !== undefined)).toEqual([])
})

/** Each session passes what it reads on to the next one, after its work if it has any. */
function answerForEver(
  { sessions }: World,
  { says, works = () => [] }: { says(id: number): object; works?(name: string): readonly Step[] } = {
    says: id => ({ reply_to: id }),
  },
): Answered[] {
  const answered: Answered[] = []
  for (const [i, session] of sessions.entries()) {
    const next = sessions[(i + 1) % sessions.length]!.name
    session.onResult = (step, result) => {
      if (busTool(step) !== 'publish' || result === undefined) return
      const { event_id: id, held } = result.structuredContent as { event_id: number; held?: string }
      answered.push({ id, held })
    }
    let waiting: readonly number[] = []
    session.model = (({ news }) => {
      const work = news.length > 0 ? works(session.name) : []
      const answers = [...waiting, ...news]
      waiting = work.length > 0 ? answers : []
      if (work.length > 0) return work
      return answers.map(id => bus('publish', { to: next, text: `thank you for ${id}`, ...says(id) }))
    }) satisfies Model
  }
  return answered
}

/** Nobody does anything, and nobody has anything to read. */
async function quiet(world: World): Promise<void> {
  await world.until(() => world.sessions.every(({ isIdle }) => isIdle))
  for (const { name } of world.sessions) {
    const { events } = await world.operator.call('get_events', { channel: name })
    for (const { id } of events) {
      const { receipts } = await world.operator.call('message_status', { event_id: id })
      expect(receipts.map(({ state }) => state)).not.toContain('stored')
    }
  }
}
