import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_HOPS, UNREPORTED_WORK_MS } from '../../src/bus/loops.ts'
import { BUDGET_MS, MAX_TURNS, MAX_WAKES } from '../../src/bus/wake-budget.ts'
import type { InputOf } from '../../src/operations/index.ts'
import { type Act, openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

let calls = 0

/** What a hook brings. `begun`: a person has prompted, or the agent has worked, since the last. */
async function hear(act: Act, begun = false): Promise<number[]> {
  const { events } = await act('collect', { route: 'prompt hook', ...(begun && { begun }) }, `collect ${++calls}`)
  await act('settle', { proof: 'PostToolBatch hook', events })
  return events
}

async function work(act: Act): Promise<void> {
  await act('settle', { proof: 'PostToolBatch hook', events: [], begun: true })
}

const say = (act: Act, to: string, more: Partial<InputOf<'publish'>> = {}) =>
  act('publish', { text: 'thanks', to, ...more })

/** The two thank each other, `a` first, until one is held. Gives how many messages were not. */
async function thank(a: Act, b: Act, names = ['a', 'b']): Promise<number> {
  for (let said = 0; said < 200; said++) {
    const [me, to] = said % 2 === 0 ? [a, names[1]!] : [b, names[0]!]
    await hear(me)
    if ((await say(me, to)).held !== undefined) return said
  }
  return 200
}

async function notices() {
  return (await world.operator('inbox', { limit: 200 })).messages.filter(({ type }) => type === 'delivery_notice')
}

describe('an unattended loop in which somebody works', () => {
  it.each([
    ['all work', ['manager', 'developer', 'reviewer'], 30],
    ['the manager only talks, for an hour', ['developer', 'reviewer'], 120],
    ['only the developer works', ['developer'], 30],
  ])('goes on: %s', async (_, workers, rounds) => {
    const names = ['manager', 'developer', 'reviewer']
    const acts = await Promise.all(names.map(name => world.join(name)))
    await say(acts[0]!, 'developer')
    for (let turn = 1; turn < rounds * names.length; turn++) {
      const [me, to] = [turn % 3, (turn + 1) % 3]
      const [event] = await hear(acts[me]!)
      if (workers.includes(names[me]!)) await work(acts[me]!)
      // Reports answer what they report on.
      const sent = await say(acts[me]!, names[to]!, turn % 2 === 0 ? { reply_to: event! } : {})
      expect(sent, `turn ${turn}`).not.toHaveProperty('held')
      world.pass(10_000)
    }
    expect(await notices()).toEqual([])
  })

  it('is held once all of them have stopped to work', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await hear(a)
    for (let round = 0; round < 20; round++) {
      await say(a, 'b')
      await hear(b)
      await work(b)
      expect(await say(b, 'a')).not.toHaveProperty('held')
      await hear(a)
    }
    expect(await thank(a, b)).toBeLessThanOrEqual(MAX_HOPS)
  })

  it('goes on past earlier thanks, once somebody who worked reports by name', async () => {
    const names = ['manager', 'advisor', 'developer', 'reviewer']
    const [manager, advisor, developer, reviewer] = await Promise.all(names.map(name => world.join(name)))
    await thank(manager!, advisor!, ['manager', 'advisor'])
    await work(developer!)
    for (let round = 0; round < 20; round++) {
      await say(developer!, 'manager')
      await hear(manager!)
      // Talkers behind the manager are in the new chain, too.
      expect(await say(manager!, 'advisor')).not.toHaveProperty('held')
      await hear(advisor!)
      expect(await say(advisor!, 'reviewer')).not.toHaveProperty('held')
      await hear(reviewer!)
      expect(await say(reviewer!, 'developer')).not.toHaveProperty('held')
      await hear(developer!)
      await work(developer!)
      world.pass(60_000)
    }
  })

  it.each([
    ['to all', 'developer', 'all'],
    ['of a program', 'ci', 'a'],
  ])('does not keep thanks alive by news %s', async (_, from, to) => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const other = from === 'ci' ? await world.token('ci') : await world.join(from)
    let said = 0
    for (; said < 50; said++) {
      if (from !== 'ci') await work(other)
      await say(other, to)
      const me = said % 2 === 0 ? a : b
      await hear(me)
      if ((await say(me, said % 2 === 0 ? 'b' : 'a')).held !== undefined) break
    }
    expect(said).toBeLessThanOrEqual(MAX_HOPS + 1)
  })

  it('has worked before it was given what comes with the report', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    for (let hop = 0; hop <= MAX_HOPS; hop++) {
      await hear(hop % 2 === 0 ? a : b)
      expect(await say(hop % 2 === 0 ? a : b, hop % 2 === 0 ? 'b' : 'a')).not.toHaveProperty('held')
    }
    await hear(b, true)
    expect(await say(b, 'a')).toHaveProperty('held')
    await work(b)
    expect(await say(b, 'a')).not.toHaveProperty('held')
  })
})

describe('a session with hooks', () => {
  it('that reports what it does talks until then, however long it takes; one that never did is as one without', async () => {
    for (const reports of [true, false]) {
      const names = [`a-${reports}`, `b-${reports}`] as const
      const [a, b] = [await world.join(names[0]), await world.join(names[1])]
      for (const each of reports ? [a, b] : []) await work(each)
      let held = 0
      for (let said = 0; said < 12; said++) {
        const [me, to] = said % 2 === 0 ? [a, names[1]] : [b, names[0]]
        await hear(me)
        world.pass(UNREPORTED_WORK_MS)
        if ((await say(me, to)).held !== undefined) held++
      }
      expect(held > 0).toBe(reports)
    }
  })
})

describe('a session without hooks', () => {
  it('is taken to work where its answer takes a while', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await say(a, 'b')
    for (let turn = 0; turn < 40; turn++) {
      const [me, to] = turn % 2 === 0 ? [b, 'a'] : [a, 'b']
      expect((await me('inbox', {})).messages).toHaveLength(1)
      world.pass(UNREPORTED_WORK_MS)
      expect(await say(me, to)).not.toHaveProperty('held')
    }
  })

  it('and talks where it answers at once, however long it waited for the message', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await say(a, 'b')
    let held = 0
    for (let turn = 0; turn < 12; turn++) {
      const [me, to] = turn % 2 === 0 ? [b, 'a'] : [a, 'b']
      await me('inbox', {})
      world.pass(UNREPORTED_WORK_MS - 1)
      if ((await say(me, to)).held !== undefined) held++
    }
    expect(held).toBeGreaterThan(0)
  })
})

describe('a person', () => {
  it('begins anew with a prompt, with a message, and with what it lets through', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    expect(await thank(a, b)).toBe(MAX_HOPS + 1)
    await hear(b, true)
    expect(await say(b, 'a')).not.toHaveProperty('held')

    await world.operator('publish', { text: 'go on', to: ['a', 'b'] })
    await hear(a)
    await hear(b)
    expect(await thank(a, b)).toBe(MAX_HOPS)

    const { event_id } = await say(a, 'b')
    await world.operator('continue_chain', { event_id })
    await hear(b)
    expect(await thank(b, a, ['b', 'a'])).toBe(MAX_HOPS)
  })

  it('is told once of a chain, and again of the one that goes on from it', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await thank(a, b)
    for (let again = 0; again < 3; again++) await say(b, 'a')
    const [notice, ...more] = await notices()
    expect(more).toEqual([])
    const [, id] = /`switchboard continue (\d+)`/.exec(notice!.text)!
    await world.operator('continue_chain', { event_id: Number(id) })
    await thank(a, b)
    expect(await notices()).toHaveLength(1)
  })

  it('can always be asked', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await thank(a, b)
    expect(await say(b, 'operator')).not.toHaveProperty('held')
    expect(await say(b, 'all', { level: 'lifecycle' })).not.toHaveProperty('held')
  })
})

describe('a fork', () => {
  it('goes on from what its parent was shown', async () => {
    const [a, b] = [await world.join('a'), await world.join('b', { client_id: 'b' })]
    await thank(a, b)
    const fork = await world.join('b2', { client_id: 'b2', facts: { parent: 'b' } })
    expect(await say(fork, 'a')).toHaveProperty('held')
  })
})

describe('sessions that report work and do none', () => {
  const lie = { begun: true }

  it.each([
    ['to each other', { b: 'b', a: 'a' }, {}],
    ['on a topic that rings', { b: 'topic:t', a: 'topic:t' }, { urgency: 'now' }],
    ['to all, ringing', { b: 'all', a: 'all' }, { urgency: 'idle' }],
  ] as const)('spend the budget of their pair, %s', async (_, to, more) => {
    const [a, b] = [await world.join('a', { topics: ['t'] }), await world.join('b', { topics: ['t'] })]
    const sent = []
    for (let turn = 0; turn < 100; turn++) {
      const [me, other] = turn % 2 === 0 ? [a, to.b] : [b, to.a]
      await me('settle', { proof: 'Stop hook', events: [], ...lie })
      sent.push(await say(me, other, more))
    }
    const held = sent.filter(each => each.held !== undefined)
    expect(sent.length - held.length).toBe(MAX_TURNS + 1)
    expect(held[0]!.held).toMatch(/budget of 60 turns in 10 minutes between the sender and [ab] is spent.*operator/)
    expect(await notices()).toHaveLength(1)
    world.pass(BUDGET_MS)
    expect(await say(a, to.b, more)).not.toHaveProperty('held')
  })

  it('and a token spends its own, by what wakes, and not by a burst', async () => {
    const a = await world.join('a')
    const token = await world.token('ci')
    for (let i = 0; i < MAX_WAKES; i++) {
      expect(await say(token, 'a')).not.toHaveProperty('held')
      expect(await say(token, 'a')).not.toHaveProperty('held')
      await a('ack', { up_to: 0, rewind: true })
    }
    expect((await say(token, 'a')).held).toContain("sender's budget of 600 wakes in 10 minutes")
    expect(await say(token, 'all')).not.toHaveProperty('held')
  })
})
