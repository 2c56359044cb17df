import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_HOPS } from '../../src/bus/loops.ts'
import type { Store } from '../../src/bus/store.ts'
import { createMemoryStore } from '../../src/store/memory/index.ts'
import { changed } from '../linearizability/planted-bugs.ts'
import { type Act, openWorld } from '../operations/world.ts'
import { cases } from '../tier.ts'

const NAMES = ['ann', 'bob', 'cid', 'dee']
const PLACES = ['all', 'topic:ci', 'role:dev', ...NAMES]

type Step =
  | {
      readonly does: 'say'
      readonly who: number
      readonly to: readonly string[]
      readonly answers?: number | undefined
    }
  | { readonly does: 'hear'; readonly who: number; readonly hasBegun: boolean }
  | { readonly does: 'begin'; readonly who: number }
  | { readonly does: 'operator'; readonly to: readonly string[] }
  | { readonly does: 'continue' }

const who = fc.nat(NAMES.length - 1)
const to = fc.uniqueArray(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('say' as const),
      who,
      to,
      answers: fc.option(fc.nat(3), { nil: undefined }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('hear' as const),
      who,
      hasBegun: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('begin' as const), who }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('operator' as const), to }) },
  { weight: 1, arbitrary: fc.constant({ does: 'continue' } as const) },
)
const histories = fc.array(step, { minLength: 15, maxLength: 50, size: 'max' })

interface Message {
  readonly id: number
  readonly sender: string
  /** Whom it names. */
  readonly to: readonly string[]
  readonly hops: number
  readonly root: number
  readonly isBegun: boolean
  /** By or through the operator. */
  readonly isPrompt: boolean
}

/** What the page on loops says, in so many words: a list of what each was shown since something last began. */
class Model {
  readonly messages = new Map<number, Message>()
  readonly shown = new Map<string, Message[]>(NAMES.map(name => [name, []]))
  readonly begunAt = new Map<string, number>(NAMES.map(name => [name, 0]))

  begin(name: string): void {
    this.shown.set(name, [])
    this.begunAt.set(name, Math.max(1, ...this.messages.keys()))
  }

  hear(name: string, ids: readonly number[]): void {
    const heard = ids.flatMap(id => this.messages.get(id) ?? [])
    // What is urgent is shown before what is older.
    const prompt = heard
      .filter(({ isPrompt }) => isPrompt)
      .toSorted((a, b) => a.id - b.id)
      .at(-1)
    if (prompt !== undefined) this.begunAt.set(name, prompt.id)
    const { root: present } = this.longest(name) ?? { root: 0 }
    const isNew = heard.some(({ to, root, isBegun }) => to.includes(name) && isBegun && root > present)
    if (prompt !== undefined || isNew) this.shown.set(name, [])
    this.shown.get(name)!.push(...heard)
  }

  longest(name: string): Message | undefined {
    const shown = this.shown.get(name)!
    return shown.find(({ hops }) => shown.every(other => other.hops <= hops))
  }

  next(name: string, answered: Message | undefined): Pick<Message, 'hops' | 'isBegun'> & { root: number | undefined } {
    const longest = this.longest(name)
    const shown = longest && { ...longest, hops: longest.hops + 1 }
    const counts = answered !== undefined && answered.id > this.begunAt.get(name)!
    const replied = counts ? { ...answered, hops: answered.hops + (answered.sender === name ? 0 : 1) } : undefined
    const chain = replied !== undefined && replied.hops > (shown?.hops ?? -1) ? replied : shown
    return chain ?? { hops: 0, root: undefined, isBegun: this.begunAt.get(name)! > 0 }
  }

  continued(held: Message, id: number): void {
    for (const name of NAMES) {
      const isIn = name === held.sender || this.longest(name)?.root === held.root
      if (isIn) this.begin(name)
    }
    this.messages.set(id, { ...held, id, hops: 0, root: id, isBegun: true, isPrompt: true })
  }
}

async function play(history: readonly Step[], broken: (store: Store) => Store = store => store): Promise<void> {
  const world = await openWorld(clock => broken(createMemoryStore({ clock })))
  const acts = new Map<string, Act>()
  for (const name of NAMES) acts.set(name, await world.join(name, { role: 'dev', topics: ['ci'] }))
  const model = new Model()
  const held: Message[] = []
  let calls = 0

  async function hear(name: string, hasBegun: boolean): Promise<number> {
    const begun = hasBegun ? { begun: true } : {}
    const { events } = await acts.get(name)!('collect', { route: 'prompt hook', ...begun }, `c${++calls}`)
    await acts.get(name)!('settle', { proof: 'Stop hook', events })
    if (hasBegun) model.begin(name)
    model.hear(name, events)
    return events.length
  }

  async function say(name: string, to: readonly string[], answered?: Message): Promise<boolean> {
    const expected = model.next(name, answered)
    const sent = await acts.get(name)!('publish', {
      text: `${++calls}`,
      to: [...to],
      ...(answered && { reply_to: answered.id }),
    })
    expect(sent.held !== undefined, `${name} to ${to}: ${expected.hops} hops`).toBe(expected.hops > MAX_HOPS)
    const { event_id: id } = sent
    const message = { ...expected, id, sender: name, to, root: expected.root ?? id, isPrompt: false }
    model.messages.set(id, message)
    if (sent.held !== undefined) held.push(message)
    return sent.held === undefined
  }

  async function take(step: Step): Promise<void> {
    const recent = [...model.messages.values()].reverse()
    if (step.does === 'say') await say(NAMES[step.who]!, step.to, recent[step.answers ?? Number.NaN])
    else if (step.does === 'hear') await hear(NAMES[step.who]!, step.hasBegun)
    else if (step.does === 'begin') {
      await acts.get(NAMES[step.who]!)!('settle', { proof: 'PostToolBatch hook', events: [], begun: true })
      model.begin(NAMES[step.who]!)
    } else if (step.does === 'operator') {
      const { event_id: id } = await world.operator('publish', { text: 'do', to: [...step.to] })
      model.messages.set(id, { id, sender: 'operator', to: step.to, hops: 0, root: id, isBegun: true, isPrompt: true })
    } else {
      const last = held.pop()
      if (last === undefined) return
      model.continued(last, (await world.operator('continue_chain', { event_id: last.id })).event_id)
    }
  }

  // Hooks that never reported anything may be of an older program.
  for (const who of NAMES.keys()) await take({ does: 'begin', who })
  for (const each of history) {
    await take(each)
    world.pass(20_000)
  }
  await stops()
  await goesOn()

  /** From here on they only thank each other. */
  async function stops(): Promise<void> {
    let said = 0
    for (let heard = 1; heard > 0; ) {
      heard = 0
      for (const [i, name] of NAMES.entries()) {
        if ((await hear(name, false)) === 0) continue
        heard++
        if (await say(name, [NAMES[(i + 1) % NAMES.length]!, 'topic:ci'])) said++
        expect(said, 'messages of nothing but thanks').toBeLessThanOrEqual(4 * NAMES.length * (MAX_HOPS + 1))
        world.pass(20_000)
      }
    }
  }

  /** From here on one of them works. */
  async function goesOn(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      for (const [i, name] of NAMES.entries()) {
        await hear(name, false)
        if (i === 0) await take({ does: 'begin', who: i })
        const isUnheld = await say(name, [NAMES[(i + 1) % NAMES.length]!])
        if (round > 0) expect(isUnheld, 'a loop in which somebody works').toBe(true)
        world.pass(20_000)
      }
    }
  }
}

test('talk without work stops and work goes on, as a model of four lines says', { timeout: 0 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, history => play(history)),
    cases(60),
  )
})

test('the model notices a bus that counts replies alone', { timeout: 0 }, async () => {
  const countsReplies = (store: Store) => changed(store, { talk: async () => undefined })
  const checked = await fc.check(
    fc.asyncProperty(histories, history => play(history, countsReplies)),
    {
      ...cases(20),
      endOnFailure: true,
    },
  )
  expect(checked.failed).toBe(true)
})
