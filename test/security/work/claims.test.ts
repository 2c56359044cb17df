import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { LIMITS } from '../../../src/bus/limits.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { temporaryFolder } from '../../contract/open.ts'
import { openWorld } from '../../operations/world.ts'
import { openMeter } from './meter.ts'

let meter: Awaited<ReturnType<typeof openMeter>>
let folder: string
let world: Awaited<ReturnType<typeof openWorld>>

beforeAll(async () => {
  meter = await openMeter()
  folder = await temporaryFolder()
})
afterAll(async () => {
  meter.close()
  await rm(folder, { recursive: true, force: true })
})
let serial = 0
beforeEach(async () => {
  world = await openWorld(clock => openSqliteStore({ path: join(folder, `${serial++}.db`), clock }))
  return () => world.store.close()
})

const repo = 'github.com/acme/api'
const at = (name: string) => ({ facts: { repo, worktree: `/src/${name}`, cwd: `/src/${name}` } })

/** Matching takes about six blocks a step; the rest is for reading what is matched and for the call around it. */
const MAX_BLOCKS = 12 * LIMITS.matchSteps

/** 64 alternatives of a long name each: two of these are 64 × 64 × 900 × 900 steps. */
const heavy = (n: number) => `{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}*${'a'.repeat(900)}${n}*`

it('claims that cannot be compared in time are refused, and edits beneath them asked about', async () => {
  const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
  await a('claim', { path: heavy(1) })
  const refused = () => expect(b('claim', { path: heavy(2) })).rejects.toMatchObject({ code: 'claim_held' })
  expect(await meter.count(refused)).toBeLessThan(MAX_BLOCKS)
  await b('claim', { path: 'src/ordinary.ts' })
  const file = `aaaaaa${'a'.repeat(1_000)}`
  const checks = async () => expect((await b('check_edit', { path: `/src/b/${file}` })).decision).toBe('ask')
  expect(await meter.count(checks)).toBeLessThan(MAX_BLOCKS)
  expect(await b('check_edit', { path: '/src/b/src/other.ts' })).toEqual({ decision: 'none' })
})

it('as many claims as a session may hold are compared within one budget', async () => {
  const [a, b] = [await world.join('a', at('a')), await world.join('b', at('b'))]
  for (let n = 0; n < LIMITS.sessionClaims; n++) await a('claim', { path: heavy(n) })
  await expect(a('claim', { path: 'one/more' })).rejects.toMatchObject({ code: 'limit_reached' })
  const all: [string, () => Promise<unknown>][] = [
    ['claim', () => b('claim', { path: heavy(1_000) }).catch(error => expect(error.code).toBe('claim_held'))],
    ['release', () => b('release', { path: heavy(1_000) }).catch(error => expect(error.code).toBe('not_found'))],
    ['list_claims', () => b('list_claims', { path: heavy(1_000) })],
    ['check_edit', () => b('check_edit', { path: `/src/b/aaaaaa${'a'.repeat(1_000)}` })],
    ['list_sessions', () => b('list_sessions', {})],
    ['heartbeat', () => a('heartbeat', {})],
  ]
  for (const [name, call] of all) expect([name, (await meter.count(call)) < MAX_BLOCKS]).toEqual([name, true])
})

it('what sessions own is compared within one budget, and the list says that it is not all', async () => {
  const owns = [heavy(1), heavy(2), heavy(3), heavy(4)]
  for (let n = 0; n < 50; n++) await world.join(`owner${n}`, { ...at(`o${n}`), owns })
  const list = async () => {
    const { sessions, more_overlaps } = await world.operator('list_sessions', {})
    expect(sessions).toHaveLength(50)
    expect(more_overlaps).toBe(true)
  }
  expect(await meter.count(list)).toBeLessThan(MAX_BLOCKS)
})

it('overlaps of many who own everything are few, and the list says that it is not all', async () => {
  for (let n = 0; n < 60; n++) await world.join(`owner${n}`, { ...at(`o${n}`), owns: ['**', '*', 'src/**'] })
  let shown = 0
  const list = async () => {
    const { sessions, more_overlaps } = await world.operator('list_sessions', {})
    expect(more_overlaps).toBe(true)
    shown = sessions.flatMap(session => session.overlaps ?? []).length
  }
  expect(await meter.count(list)).toBeLessThan(MAX_BLOCKS)
  expect(shown).toBeGreaterThan(100)
  expect(shown).toBeLessThanOrEqual(500)
})

it('a hundred sessions that own ten ordinary globs each are all compared', async () => {
  const owns = (n: number) => Array.from({ length: 10 }, (_, i) => `pkg${(n + i) % 40}/mod${n}/**/*.{ts,tsx}`)
  for (let n = 0; n < 100; n++) await world.join(`owner${n}`, { ...at(`o${n}`), owns: owns(n) })
  await world.join('late', { ...at('late'), owns: ['pkg3/mod3/**'] })
  const { sessions, more_overlaps } = await world.operator('list_sessions', { limit: 200 })
  expect(more_overlaps).toBeUndefined()
  expect(
    sessions
      .filter(session => session.overlaps)
      .map(session => session.name)
      .sort(),
  ).toEqual(['late', 'owner3'])
})

it('what one session owns is bounded as a whole', async () => {
  const owns = Array.from({ length: LIMITS.ownedGlobs }, (_, n) => `${n}/${'x'.repeat(100)}`)
  await expect(world.join('a', { ...at('a'), owns })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('`owns`: expected at most 4096 characters in all'),
  })
})
