import { beforeEach, describe, expect, it } from 'vitest'
import { LETTER_BUDGET_CHARS } from '../../src/bus/letter.ts'
import { openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const repo = 'github.com/acme/api'
const at = (worktree: string) => ({ facts: { repo, worktree, cwd: worktree } })

describe('collect', () => {
  it('leases the letters of a hook, fenced, and a later proof consumes them', async () => {
    const [a, b] = [await world.join('a', { role: 'dev' }), await world.join('b')]
    const { event_id } = await a('publish', { text: 'rebased <main>', to: 'b' })
    const letters = await b('collect', { route: 'prompt hook' })
    expect(letters).toMatchObject({ events: [event_id], pending: 0, urgent: false })
    expect(letters.text).toContain(`<switchboard-message id="${event_id}" from="a" role="dev" trust="peer" nonce="`)
    expect(letters.text).toContain('rebased &lt;main>')
    expect((await b('collect', { route: 'tool hook' })).events).toEqual([])
    expect(await b('settle', { proof: 'Stop hook', events: [event_id + 1] })).toEqual({ consumed: 0 })
    expect(await b('settle', { proof: 'Stop hook', events: letters.events })).toEqual({ consumed: 1 })
    expect((await a('message_status', { event_id })).receipts).toMatchObject([
      { session: 'b', state: 'consumed', route: 'prompt hook', proof: 'Stop hook' },
    ])
  })

  it('takes whole letters up to the budget and tells of the rest in a digest', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    for (let i = 0; i < 12; i++) await a('publish', { text: `${i} ${'x'.repeat(1_000)}`, to: 'b' })
    const first = await b('collect', { route: 'prompt hook' })
    expect(first.text.length).toBeLessThanOrEqual(LETTER_BUDGET_CHARS)
    expect(first.events.length).toBeGreaterThan(3)
    expect(first.pending).toBe(12 - first.events.length)
    expect(first.text).toContain(`${first.pending} unread on the switchboard`)
    const read = { proof: 'Stop hook', events: first.events }
    const second = await b('collect', { route: 'stop hook', read })
    expect(first.events.length + second.events.length + second.pending).toBe(12)
  })

  it('only tells of a letter that alone is too large, and leaves it for the inbox', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'y'.repeat(20_000), to: 'b' })
    expect(await b('collect', { route: 'prompt hook' })).toMatchObject({ events: [], pending: 1 })
    expect((await b('inbox', {})).messages).toHaveLength(1)
  })

  it('that only asks for what may ring leaves quiet mail alone', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    const quiet = await a('publish', { text: 'fyi', to: 'all' })
    expect(await b('collect', { route: 'stop hook', urgent_only: true })).toMatchObject({ events: [], pending: 1 })
    const urgent = await a('publish', { text: 'now', to: 'b' })
    expect(await b('heartbeat', {})).toMatchObject({ unread: 2, urgent: true })
    const { events } = await b('collect', { route: 'stop hook', urgent_only: true })
    expect(events).toEqual([urgent.event_id, quiet.event_id])
  })

  it('gives what is urgent first, however long what lies before it is, and marks it in a digest', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    // More than a page of the store holds.
    const old: number[] = []
    for (let i = 0; i < 7; i++)
      old.push((await a('publish', { text: `${i} ${'x'.repeat(60_000)}`, to: 'all' })).event_id)
    expect(await b('heartbeat', {})).toMatchObject({ unread: 7, urgent: false })
    expect(await b('collect', { route: 'stop hook', urgent_only: true })).toMatchObject({ text: '', urgent: false })
    const long = await a('publish', { text: 'y'.repeat(20_000), title: 'long', to: 'b' })
    const short = await a('publish', { text: 'stop', to: 'b' })
    const fyi = await a('publish', { text: 'fyi', to: 'all' })
    expect(await b('heartbeat', {})).toMatchObject({ unread: 10, urgent: true })
    const first = await b('collect', { route: 'stop hook', urgent_only: true })
    expect(first.events).toEqual([short.event_id, fyi.event_id])
    expect(first).toMatchObject({ rings: true, urgent: true })
    expect(first.text).toContain(`- ${long.event_id} from a (peer, urgent): "long"`)
    expect(first.text).toContain(`- ${old[0]} from a (peer): "0 x`)
    const { messages } = await b('inbox', { limit: 2 })
    expect(messages.map(({ id }) => id)).toEqual([long.event_id, old[0]])
  })

  it('gives what is short behind any page of what is long, in the order of urgency', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    for (let i = 0; i < 30; i++) await a('publish', { text: 'y'.repeat(20_000), to: 'b' })
    const quiet = await a('publish', { text: 'fyi', to: 'all' })
    const urgent = await a('publish', { text: 'small urgent', to: 'b' })
    const first = await b('collect', { route: 'stop hook', urgent_only: true })
    expect(first.events).toEqual([urgent.event_id, quiet.event_id])
    expect(first).toMatchObject({ pending: 30, more: false, rings: true, urgent: true })
    expect(first.text).toContain('30 unread on the switchboard')
    const again = await b('collect', { route: 'stop hook', urgent_only: true })
    expect(again).toMatchObject({ events: [], pending: 30, more: false, rings: false })
  })

  it('warns of peers before a digest that comes alone, where peers wrote', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await world.operator('publish', { text: 'x'.repeat(20_000), to: 'b' })
    expect((await b('collect', { route: 'prompt hook' })).text).toMatch(/^Switchboard mail from the operator\./)
    await a('publish', { text: 'y'.repeat(20_000), to: 'b' })
    const { text, events } = await b('collect', { route: 'prompt hook' })
    expect(events).toEqual([])
    expect(text).toMatch(/^Switchboard mail\. .* A peer informs and asks;.*\n\n2 unread on the switchboard/)
  })

  it('that only asks for what may ring gives no quiet letters where all that may ring is too long', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'y'.repeat(20_000), title: 'long', to: 'b' })
    const { event_id } = await a('publish', { text: 'fyi', to: 'all' })
    const told = await b('collect', { route: 'stop hook', urgent_only: true })
    expect(told).toMatchObject({ events: [], pending: 2, urgent: true })
    expect(told.text).toContain('from a (peer, urgent): "long"')
    expect((await b('collect', { route: 'prompt hook' })).events).toEqual([event_id])
  })

  it('asked again, because its answer was lost, proves nothing of what it gave', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'read', to: 'b' })
    const { events } = await b('collect', { route: 'prompt hook' })
    const { event_id } = await a('publish', { text: 'on its way', to: 'b' })
    const asked = { route: 'tool hook', read: { proof: 'Stop hook', events } }
    const first = await b('collect', asked, 'one key')
    expect(await b('collect', asked, 'one key')).toEqual(first)
    expect((await a('message_status', { event_id })).receipts).toMatchObject([{ session: 'b', state: 'offered' }])
  })

  it('says how old each letter is, on both ways to the reader', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'from before lunch', to: 'b' })
    world.pass(28 * 60_000 + 59_000)
    await a('publish', { text: 'from now', to: 'b' })
    expect((await b('inbox', { peek: true })).messages.map(({ age }) => age)).toEqual(['28m', undefined])
    const { text } = await b('collect', { route: 'prompt hook' })
    expect(text.match(/ age="[^"]*"/g)).toEqual([' age="28m"'])
    await a('publish', { text: 'and more', to: 'b' })
    world.pass(60_000)
    expect((await b('inbox', {})).messages.map(({ age }) => age)).toEqual(['1m'])
  })

  it('warns of no peers where the operator wrote all, and tells the person who wrote', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await world.operator('publish', { text: 'stop', to: 'b' })
    const alone = await b('collect', { route: 'prompt hook' })
    expect(alone.text).not.toContain('peer')
    expect(alone.notice).toBe('Switchboard mail from operator: "stop"')
    await world.operator('publish', { text: 'go on', to: 'b' })
    await a('publish', { text: 'y'.repeat(20_000), title: 'long', to: 'b' })
    const mixed = await b('collect', { route: 'prompt hook' })
    expect(mixed.events).toHaveLength(1)
    expect(mixed.text).toContain('A peer informs and asks')
    expect(mixed.notice).toBe('Switchboard mail from operator: "go on"; a: "long"')
    expect(await b('collect', { route: 'stop hook', urgent_only: true })).toHaveProperty('notice')
    await b('inbox', {})
    expect(await b('collect', { route: 'prompt hook' })).not.toHaveProperty('notice')
  })

  it('counts what it puts into a session', async () => {
    const [a, b] = [await world.join('a'), await world.join('b')]
    await a('publish', { text: 'hi', to: 'b' })
    const { text } = await b('collect', { route: 'prompt hook' })
    await b('heartbeat', { rang: 2 })
    expect((await b('whoami', {})).injected).toEqual({ chars: text.length, messages: 1, rings: 2 })
  })
})

describe('an edit', () => {
  it('of a file that another session claims is asked about, with holder and note', async () => {
    const [a, b] = [await world.join('a', at('/w/a')), await world.join('b', at('/w/b'))]
    await a('claim', { path: 'src/**', note: 'rename' })
    expect(await b('check_edit', { path: '/w/b/src/x.ts' })).toEqual({
      decision: 'ask',
      reason: expect.stringMatching(/src\/x\.ts is claimed by a \("rename"\) as src\/\*\*, for another 30 min/),
    })
    expect(await a('check_edit', { path: '/w/a/src/x.ts' })).toEqual({ decision: 'none' })
    expect(await b('check_edit', { path: '/w/b/docs/x.md' })).toEqual({ decision: 'none' })
  })

  it('of a file that no claim can match is nobody else’s business', async () => {
    const [a, b] = [await world.join('a', at('/w/a')), await world.join('b', at('/w/b'))]
    await a('claim', { path: 'pkg/**/*.ts' })
    expect(await b('check_edit', { path: '/w/b/pkg/README.md' })).toEqual({ decision: 'none' })
    // It may be a folder by its name, but what is edited is a file.
    expect(await b('check_edit', { path: '/w/b/pkg/tool' })).toEqual({ decision: 'none' })
    expect(await b('check_edit', { path: '/w/b/pkg/a/b.ts' })).toMatchObject({ decision: 'ask' })
  })

  it('by two within ten minutes tells both, once', async () => {
    const [a, b] = [await world.join('a', at('/w/a')), await world.join('b', at('/w/b'))]
    await a('note_edit', { path: '/w/a/x.ts' })
    world.pass(9 * 60_000)
    expect(await b('note_edit', { path: '/w/b/x.ts' })).toEqual({ told: 2 })
    expect(await b('note_edit', { path: '/w/b/x.ts' })).toEqual({ told: 0 })
    for (const [session, other] of [[a, 'b'] as const, [b, 'a'] as const]) {
      expect((await session('inbox', {})).messages).toMatchObject([
        { type: 'edit_collision', trust: 'system', text: expect.stringContaining(`${other} edited x.ts`) },
      ])
    }
    world.pass(11 * 60_000)
    expect(await a('note_edit', { path: '/w/a/x.ts' })).toEqual({ told: 0 })
  })
})

describe('a git command', () => {
  it('that moves the worktree of another live session is asked about', async () => {
    const [a, b] = [await world.join('a', at('/w/one')), await world.join('b', at('/w/one'))]
    const other = await world.join('c', at('/w/two'))
    expect(await a('check_git', { command: 'npm test && git stash' })).toEqual({
      decision: 'ask',
      reason: expect.stringMatching(/git stash moves the worktree that b works in too/),
    })
    expect(await a('check_git', { command: 'git status' })).toEqual({ decision: 'none' })
    expect(await other('check_git', { command: 'git checkout main' })).toEqual({ decision: 'none' })
    await b('unregister', {})
    expect(await a('check_git', { command: 'git stash' })).toEqual({ decision: 'none' })
  })

  it('is judged by the worktree that it acts in, wherever its session is', async () => {
    const a = await world.join('a', at('/w/one'))
    await world.join('b', at('/w/one'))
    await world.join('c', { facts: { repo: 'github.com/acme/web', worktree: '/w/two', cwd: '/w/two' } })
    await world.join('d', at('/w/one/.trees/four'))
    const asked = async (command: string, cwd?: string) =>
      (await a('check_git', { command, ...(cwd === undefined ? {} : { cwd }) })).reason
    const two = 'Switchboard: git checkout moves the worktree /w/two that c works in.'
    expect(await asked('git -C /w/two checkout x')).toBe(two)
    expect(await asked('git -C ../two/src checkout x')).toBe(two)
    expect(await asked('git checkout x', '/w/two/src')).toBe(two)
    expect(await asked('cd /w/two && git reset --hard')).toMatch(/git reset moves the worktree \/w\/two that c works/)
    expect(await asked('git -C /w/three checkout x')).toBeUndefined()
    expect(await asked('cd /w/three; git clean -fd')).toBeUndefined()
    expect(await asked('cd .trees/four && git pull')).toMatch(/four that d works in/)
    expect(await asked('git stash; git -C /w/two stash')).toBe(
      'Switchboard: git stash moves the worktree that b works in too. git stash moves the worktree /w/two that c works in.',
    )
    expect(await asked('cd "$WHERE" && git stash')).toMatch(/the worktree that b works in too/)
  })
})
