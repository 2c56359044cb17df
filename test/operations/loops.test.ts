import { describe, expect, it } from 'vitest'
import { MAX_HOPS } from '../../src/bus/loops.ts'
import type { Store } from '../../src/bus/store.ts'
import type { InputOf } from '../../src/operations/index.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { changed } from '../linearizability/planted-bugs.ts'
import { type Act, openWorld } from './world.ts'

type World = Awaited<ReturnType<typeof openWorld>>
type Said = InputOf<'publish'>

/** A session that answers whatever it hears, and never works. */
interface Talker {
  readonly name: string
  /** Whom it means where it means one. */
  readonly next: string
  act: Act
  /** Of its own messages, the last. */
  own?: number
  readonly known: Set<number>
  /** That its session was registered with. */
  token?: Act
}

/** How talkers hear and answer. */
interface Way {
  hears?(talker: Talker): Promise<number[]>
  /** With which credential it answers, if not its session's. */
  speaks?(talker: Talker): Act
  /** Before it hears anything. */
  begins?(talker: Talker, world: World): Promise<void>
  /** Before it answers. */
  prepares?(talker: Talker, world: World): Promise<void>
  says(talker: Talker, first: number | undefined, nth: number): Omit<Said, 'text'> & { text?: string }
}

let calls = 0

async function byHooks({ act }: Talker): Promise<number[]> {
  const { events } = await act('collect', { route: 'prompt hook' }, `collect ${++calls}`)
  await act('settle', { proof: 'Stop hook', events })
  return events
}

async function byInbox({ act }: Talker): Promise<number[]> {
  return (await act('inbox', { limit: 100 })).messages.map(({ id }) => id)
}

/** The log's messages that nobody is told of. */
async function unfollowed({ act, known, name }: Talker, asked: InputOf<'get_events'>): Promise<number[]> {
  const { events } = await act('get_events', { ...asked, limit: 100 })
  return events
    .filter(({ id, from, held }) => !known.has(id) && from !== name && held === undefined)
    .map(({ id }) => id)
}

const toNext: Way['says'] = ({ next }) => ({ to: next })

/** Messages that answer others and do not say so: ways round a count of replies. */
const ways: Record<string, Way> = {
  'in fresh messages to the next': { says: toNext },
  'to a topic': { says: () => ({ to: 'topic:ci' }) },
  'to a role': { says: () => ({ to: 'role:dev' }) },
  'to a repository': { says: () => ({ to: 'repo:api' }) },
  'to a machine': { says: () => ({ to: 'machine:desk' }) },
  'to all': { says: () => ({ to: 'all', urgency: 'now' }) },
  'to a list of a session and a topic': { says: ({ next }) => ({ to: [next, 'topic:ci'] }) },
  'in answer to its own last message': {
    says: ({ next, own }) => ({ to: next, ...(own === undefined ? {} : { reply_to: own }) }),
  },
  'in answer to the first message of the chain, time and again': {
    says: ({ next }, first) => ({ to: next, ...(first === undefined ? {} : { reply_to: first }) }),
  },
  'in two threads by turns': { says: ({ next }, _, nth) => ({ to: next, thread: nth % 2 === 0 ? 'even' : 'odd' }) },
  'quietly, to sessions that wait': { says: ({ next }) => ({ to: next, urgency: 'quiet' }) },
  'with the words in the shared state and a bare call': {
    async prepares({ act, name }) {
      await act('set_state', { key: `for ${name}`, value: 'thanks!' })
    },
    says: ({ next, name }) => ({ to: next, text: `see the state "for ${name}"` }),
  },
  'under its name, registered anew': {
    async prepares(talker, world) {
      await talker.act('unregister', {})
      talker.act = await world.join(talker.name, PLACE)
    },
    says: toNext,
  },
  'under another name each time, by a token': {
    hears: byInbox,
    begins: speaksForToken,
    prepares: speaksForToken,
    says: () => ({ to: 'role:dev' }),
  },
  'as a token, that reads as its session': {
    hears: byInbox,
    begins: speaksForToken,
    speaks: ({ token }) => token!,
    says: () => ({ to: 'role:dev' }),
  },
  'after a look that takes nothing': {
    async hears({ act, known }) {
      const { messages } = await act('inbox', { peek: true, limit: 100 })
      return messages.map(({ id }) => id).filter(id => !known.has(id))
    },
    says: toNext,
  },
  'after a look into the log': {
    async hears({ act, known, name }) {
      const { events } = await act('get_events', { channel: name, limit: 100, order: 'desc' })
      return events.map(({ id }) => id).filter(id => !known.has(id))
    },
    says: toNext,
  },
  'after a look at a topic that nobody follows': {
    hears: talker => unfollowed(talker, { channel: 'topic:quiet' }),
    says: () => ({ to: 'topic:quiet' }),
  },
  'after a look at a thread, in topics that nobody follows': {
    hears: talker => unfollowed(talker, { thread: 'tea' }),
    says: (_, __, nth) => ({ to: `topic:quiet-${nth}`, thread: 'tea' }),
  },
  'in letters too long for more than a line about them': {
    async hears({ act }) {
      const { text, events } = await act('collect', { route: 'prompt hook' }, `collect ${++calls}`)
      const [, id] = /(?:^|\D)(\d+) from /.exec(text) ?? []
      if (id === undefined) return []
      expect(events).toEqual([])
      await act('ack', { up_to: Number(id) })
      return [Number(id)]
    },
    says: ({ next }) => ({ to: next, text: 'thanks! '.repeat(2_000) }),
  },
}

/** Registers it with a token of its own, under a name that is new. */
async function speaksForToken(talker: Talker, world: World): Promise<void> {
  talker.token ??= await world.token(talker.name)
  const name = `${talker.name}-${++calls}`
  const joined = await talker.token('register', { ...PLACE, name, backfill_minutes: 0 })
  const session = await world.store.session(joined.session_id)
  talker.act = world.sessionById(joined.session_id, session!.grantor)
}

const PLACE = {
  role: 'dev',
  topics: ['ci'],
  facts: { repo: 'github.com/acme/api', cwd: '/src/a', worktree: '/src/a', branch: 'a' },
}

/** Lets them talk until nobody hears anything more, or so many messages were said. Gives who was kept from whom. */
async function talk(
  world: World,
  names: readonly string[],
  way: Way,
  most = 50,
): Promise<{ said: number; held: string[] }> {
  const talkers: Talker[] = []
  for (const [i, name] of names.entries()) {
    const next = names[(i + 1) % names.length]!
    talkers.push({ name, next, act: await world.join(name, PLACE), known: new Set() })
  }
  for (const talker of talkers) await way.begins?.(talker, world)
  const held: string[] = []
  let said = 0
  let first: number | undefined
  async function say(talker: Talker): Promise<void> {
    await way.prepares?.(talker, world)
    const sent = await (way.speaks?.(talker) ?? talker.act)('publish', {
      text: `thanks ${said}`,
      ...way.says(talker, first, said),
    })
    first ??= sent.event_id
    talker.own = sent.event_id
    if (sent.held === undefined) said++
    else held.push(sent.held)
  }
  await say(talkers[0]!)
  for (let isAnybodyTold = true; isAnybodyTold && said + held.length < most; ) {
    isAnybodyTold = false
    for (const talker of talkers) {
      const heard = await (way.hears ?? byHooks)(talker)
      for (const id of heard) talker.known.add(id)
      if (heard.length === 0) continue
      isAnybodyTold = true
      await say(talker)
      world.pass(5_000)
    }
  }
  return { said, held }
}

async function notices(world: World) {
  return (await world.operator('inbox', { limit: 100 })).messages.filter(({ type }) => type === 'delivery_notice')
}

const RING = ['a', 'b', 'c']

describe('sessions that only thank each other', () => {
  it.each(Object.entries(ways))('are held within eight hops: %s', async (_, way) => {
    const world = await openWorld()
    const { said, held } = await talk(world, RING, way)
    expect(said).toBeLessThanOrEqual(MAX_HOPS + 1)
    expect(held[0]).toContain('9 hops')
    expect(await notices(world)).toHaveLength(1)
  })

  const heardByHooks = Object.entries(ways).filter(([, { hears }]) => hears === undefined)
  it.each(heardByHooks)('are held where no hook tells of them: %s', async (_, way) => {
    const { said, held } = await talk(await openWorld(), RING, { ...way, hears: byInbox })
    expect(said).toBeLessThanOrEqual(MAX_HOPS + 1)
    expect(held[0]).toContain('9 hops')
  })

  it.each(Object.entries(ways))('go on where a bus counts replies alone: %s', async (_, way) => {
    const countsReplies = (store: Store) => changed(store, { talk: async () => undefined })
    const { said } = await talk(await openWorld(clock => countsReplies(createMemoryStore({ clock }))), RING, way)
    expect(said).toBeGreaterThanOrEqual(50)
  })

  it('are held two or ten at a time, with one notice for the chain', async () => {
    for (const names of [['a', 'b'], Array.from({ length: 10 }, (_, i) => `s${i}`)]) {
      const world = await openWorld()
      const { said, held } = await talk(world, names, ways['to all']!)
      expect(said).toBeLessThanOrEqual(MAX_HOPS + 1)
      expect(held.length).toBeGreaterThanOrEqual(names.length - 1)
      expect(await notices(world)).toHaveLength(1)
    }
  })
})
