import { beforeAll, describe, expect, it } from 'vitest'
import { sessionScopes } from '../../src/bus/access.ts'
import { BusError } from '../../src/bus/errors.ts'
import { type OperationName, operations } from '../../src/operations/index.ts'
import { type Act, openWorld } from '../operations/world.ts'
import { sampleOf } from './samples.ts'

/** Stands in everything that others have written here, and in nothing that a caller below says. */
const SECRET = 'zq7'

const AT = { repo: 'r', worktree: '/w', machine: 'desk' }

/** Of one operation by one caller: the memory store copies itself for each. */
const MOST_CALLS = 400

let world: Awaited<ReturnType<typeof openWorld>>
let callers: Record<string, Act>
let words: readonly unknown[]
/** Writes the others' values again. */
let write: () => Promise<void>

/** Names, keys and paths of the others, a little mistyped, and what meets them without saying them. */
beforeAll(async () => {
  world = await openWorld()
  const { operator, store } = world
  const told = { role: `reviewer-${SECRET}`, summary: SECRET, topics: [`ci-${SECRET}`], owns: [`src/${SECRET}/**`] }
  const holder = await world.join(`holder-${SECRET}`, { ...told, facts: { ...AT, branch: SECRET } })
  const away = { repo: `github.com/acme/api-${SECRET}`, worktree: '/srv/api', machine: `desk-${SECRET}` }
  await world.join(`away-${SECRET}`, { facts: { ...away, machine: 'desk' } })
  await world.join(`far-${SECRET}`, { facts: away })
  const { event_id } = await holder('publish', { text: SECRET, title: SECRET, tags: [SECRET], data: SECRET })
  write = async () => {
    for (const [key, value] of Object.entries({ k: SECRET, list: [SECRET], [`plan-${SECRET}`]: SECRET })) {
      await holder('set_state', { key, value, note: SECRET })
    }
  }
  await write()
  for (const path of [`src/${SECRET}.ts`, `src/lib-${SECRET}/`]) {
    await holder('claim', { path, note: SECRET, ttl_seconds: 7 * 24 * 3600 })
  }
  const token = await world.token('writer', { scopes: ['publish'], machine: 'desk' })
  const { session_id } = await token('register', { name: 'writer', client_id: 'w', facts: AT })
  const { grantor } = (await store.session(session_id))!
  const session = world.sessionById(session_id, grantor, sessionScopes(['publish']))
  await session('claim', { path: 'mine.ts' })
  callers = { token, session }
  const { id, codename } = (await store.sessionsCalled(`holder-${SECRET}`))[0]!
  words = [
    ...[
      'holder-zq',
      'reviewer-zq',
      'role:reviewer-zq',
      'topic:ci-zq',
      'repo:acme/api-zq',
      'repo:api',
      'machine:desk-zq',
    ],
    ...['all', 'k', 'list', 'plan-zq', 'src/*.ts', 'src/**', 'src/zq.ts', '/srv/api/x.ts', '/w/src/*.ts', 'mine.ts'],
    ...['append', 'overwrite', id, codename, [id, 'all'], event_id, 0, 1, 9, true, { repo: 'r', worktree: '/w' }],
  ]
  await operator('publish', { text: SECRET, to: session_id })
})

/** The sample, with each of its fields as each of the words; where there are few, with two of them. */
function inputsOf(name: OperationName): object[] {
  const { shape } = operations.find(each => each.name === name)!.input
  const fits = Object.keys(shape).map(field =>
    words.filter(word => shape[field]!.safeParse(word).success).map(word => ({ [field]: word })),
  )
  const ones = [{}, ...fits.flat()].map(one => ({ ...sampleOf(name), ...one }))
  const twos = ones.flatMap(one => fits.flat().map(other => ({ ...one, ...other })))
  return twos.length <= MOST_CALLS ? twos : ones
}

const writing = operations.filter(({ scope }) => scope === 'publish').map(({ name }) => name)

describe('a credential that may write and not read', () => {
  it('is told what stands in its way, and how to learn more', async () => {
    const { session } = callers as { session: Act }
    await expect(session('claim', { path: 'src/*.ts' })).rejects.toMatchObject({
      code: 'claim_held',
      message: 'Another session holds a claim that meets this one.',
      next: expect.stringContaining('the scope read'),
      details: { seconds_left: expect.any(Number) },
    })
    await expect(session('set_state', { key: 'list', value: 1, expected_version: 9 })).rejects.toMatchObject({
      code: 'stale_version',
      details: { current_version: expect.any(Number) },
    })
  })

  it.each(writing)('is told nothing that others wrote by %s, done or refused', async name => {
    const told = new Set<string>()
    for (const act of Object.values(callers)) {
      for (const input of inputsOf(name as OperationName)) {
        world.pass(60_000 / 100)
        if (name.endsWith('_state')) await write()
        const answer = await act(name as OperationName, input as never).catch((error: unknown) => {
          if (!(error instanceof BusError)) throw error
          return error.toBody()
        })
        if (JSON.stringify(answer).includes(SECRET)) told.add(JSON.stringify({ input, answer }))
      }
    }
    expect([...told].slice(0, 3)).toEqual([])
  })
})
