/**
 * A disk that gives back other bytes than were written to it: bits are flipped all over a file in which every table has
 * rows, and over the log of one that was not closed. No answer may hold what was never written; what is damaged is said, or
 * found by `doctor`; and the store goes on with the rest.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/sqlite/driver.ts'
import { inspect } from '../../src/store/sqlite/inspect.ts'
import { sumAnew, summedTables, WITHOUT_SUMS } from '../../src/store/sqlite/row-sums.ts'
import { Sql } from '../../src/store/sqlite/sql.ts'
import { randomFrom } from '../linearizability/random.ts'
import { isLong, seed, tier } from '../tier.ts'
import { START_MS } from './bench.ts'
import { copied, faultsOf, flip, judge, openAndAsk, type Verdict } from './damage/flips.ts'
import { type Answers, FAULT, populate } from './damage/populated.ts'
import { onFile } from './damage/values.ts'
import { temporaryFolder } from './open.ts'
import { TestMachine } from './test-machine.ts'

const clock = new TestMachine(START_MS)
let folder: string
/** Closed cleanly, and as a process leaves it that is killed. */
let closed: string
let crashed: string
let before: Answers

beforeAll(async () => {
  folder = await temporaryFolder()
  await mkdir(join(folder, 'live'))
  const store = await populate(join(folder, 'live'), clock)
  crashed = copied(join(folder, 'live/bus.db'), join(folder, 'crashed'))
  await store.close()
  closed = copied(join(folder, 'live/bus.db'), join(folder, 'closed'))
  const sound = await openAndAsk(copied(closed, join(folder, 'sound')), clock.ms)
  before = sound.answers
  expect(sound.isNoticed).toBe(false)
  expect([...before.values()]).not.toContain(FAULT)
  expect(await faultsOf(copied(closed, join(folder, 'sound')), clock.ms)).toEqual([])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const random = randomFrom(seed)

type Flipped = Verdict & {
  readonly bitAt: number
  /** By the hub that came next. */
  readonly next: Verdict | undefined
  readonly isFoundByDoctor: boolean
}

/** Flips one bit after another, each in a copy of its own. */
async function flipMany(from: string, suffix: '' | '-wal', count: number, spoil?: (path: string) => Promise<void>) {
  const bits = 8 * statSync(from + suffix).size
  const verdicts: Flipped[] = []
  for (let n = 0; n < count; n++) {
    const bitAt = random.below(bits)
    const path = copied(from, join(folder, 'flipped'))
    flip(path + suffix, bitAt)
    await spoil?.(path)
    const verdict = judge(before, await openAndAsk(path, clock.ms))
    const next = verdict.isNoticed
      ? judge(before, { ...(await openAndAsk(path, clock.ms)), isNoticed: true })
      : undefined
    const isFoundByDoctor = verdict.missing.length > 0 && (await faultsOf(path, clock.ms)).length > 0
    verdicts.push({ bitAt, ...verdict, next, isFoundByDoctor })
  }
  return verdicts
}

function tell(where: string, verdicts: readonly Flipped[]): void {
  const noticed = verdicts.filter(({ isNoticed }) => isNoticed).length
  const missing = verdicts.filter(each => each.missing.length > 0)
  const found = missing.filter(({ isFoundByDoctor }) => isFoundByDoctor).length
  console.log(
    `${where}: ${verdicts.length} bits flipped, ${noticed} noticed, ${missing.length} rows not found (${found} of them by doctor), the rest in unused space`,
  )
}

const wrongIn = (verdicts: readonly Flipped[]) =>
  verdicts.filter(({ wrong, next }) => wrong.length + (next?.wrong.length ?? 0) > 0)

test(`no answer from a damaged file holds what was never written (${tier.flips} bits)`, { timeout: 0 }, async () => {
  const verdicts = await flipMany(closed, '', tier.flips)
  tell('file', verdicts)
  expect(wrongIn(verdicts)).toEqual([])
  const unfound = verdicts.filter(({ missing, isFoundByDoctor }) => missing.length > 0 && !isFoundByDoctor)
  expect(unfound).toEqual([])
})

/** Which cannot be told from one that a crash has cut short. */
const LAST_COMMIT_FRAMES = 8

test('a log that is damaged after a crash is said, except in its last commit', { timeout: 0 }, async () => {
  const verdicts = await flipMany(crashed, '-wal', Math.ceil(tier.flips / 4))
  tell('log', verdicts)
  const lastCommit = 8 * (statSync(`${crashed}-wal`).size - LAST_COMMIT_FRAMES * 4_120)
  // What was stored before the damage is older than what was asked for, and was written.
  const unsaid = verdicts.filter(({ isNoticed, wrong, missing }) => !isNoticed && wrong.length + missing.length > 0)
  expect(unsaid.filter(({ bitAt }) => bitAt < lastCommit)).toEqual([])
})

test('a damaged row is said whatever table it is in, is found by doctor, and the store goes on without it', {
  timeout: 0,
}, async () => {
  const names = await onFile(copied(closed, join(folder, 'rows')), sql =>
    summedTables(sql).flatMap(({ name }) => (sql.has(`SELECT 1 FROM ${name}`) ? [name] : [])),
  )
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) {
    const path = copied(closed, join(folder, 'rows'))
    // As good as another bit anywhere in them.
    await onFile(path, sql => sql.exec(`UPDATE ${name} SET sum = sum + 1`))
    const { isNoticed, wrong } = judge(before, await openAndAsk(path, clock.ms))
    expect([name, wrong]).toEqual([name, []])
    if (UNASKED.has(name)) {
      const [fault, ...others] = await faultsOf(path, clock.ms)
      expect([name, fault, others.length]).toEqual([name, expect.stringContaining(name), 0])
      continue
    }
    expect([name, isNoticed]).toEqual([name, true])
    const next = await openAndAsk(path, clock.ms)
    expect([name, [...next.answers.values()].filter(answer => answer === FAULT).length]).toEqual([name, 0])
  }
})

test('a damaged event is refused by its id and leaves the inboxes, and the letters behind it go on', async () => {
  const path = copied(closed, join(folder, 'event'))
  const letters = (answers: Answers) => answers.get('unread s0') as { id: number }[]
  const [first, ...others] = letters(before)
  await onFile(path, sql =>
    sql.exec(`UPDATE events SET body = replace(body, 'event', 'evemt') WHERE id = ${first!.id}`),
  )
  const met = await openAndAsk(path, clock.ms)
  expect(met.answers.get('unread s0')).toBe(FAULT)
  const next = await openAndAsk(path, clock.ms)
  expect(letters(next.answers).map(({ id }) => id)).toEqual(others.map(({ id }) => id))
  expect(next.answers.get(`event ${first!.id}`)).toBe(FAULT)
  expect(next.answers.get(`event ${others[0]!.id}`)).toEqual(others[0])
})

const PAGE_BYTES = 4_096
/** Rows cannot be made from anything else. */
const IS_INDEX = "type = 'index' OR name IN ('postings', 'facets', 'words_data', 'words_idx')"

/** What the questions read so early that the damage is noticed. */
const ENDING = new Set(['claims_by_session', 'deliveries_by_event', 'sqlite_autoindex_state_1', 'facets', 'words_data'])

test('a damaged page of an index ends the hub once at most, and the next one serves the truth', {
  timeout: 0,
}, async () => {
  const pages = await onFile(copied(closed, join(folder, 'index')), sql =>
    sql.all<{ name: string; rootpage: number }>(
      `SELECT name, rootpage FROM main.sqlite_schema WHERE rootpage > 0 AND (${IS_INDEX})`,
    ),
  )
  expect(pages.length).toBeGreaterThan(25)
  const spoil = {
    'of zeros': (page: Buffer) => page.fill(0),
    'of cells anywhere': (page: Buffer) => page.fill(0xff, 8, 40),
  }
  const ended = new Set<string>()
  const tried = isLong ? pages : pages.filter(({ name }) => ENDING.has(name) || random.below(4) === 0)
  for (const [n, { name, rootpage }] of tried.entries()) {
    const ways = Object.entries(spoil)
    const [how, write] = ways[n % ways.length]!
    const path = copied(closed, join(folder, 'index'))
    const bytes = readFileSync(path)
    write(bytes.subarray((rootpage - 1) * PAGE_BYTES, rootpage * PAGE_BYTES))
    writeFileSync(path, bytes)
    const { isNoticed, wrong } = judge(before, await openAndAsk(path, clock.ms))
    expect([name, how, wrong]).toEqual([name, how, []])
    if (!isNoticed) continue
    ended.add(name)
    const { answers } = await openAndAsk(path, clock.ms)
    const otherwise = [...answers].filter(([question, answer]) => !isDeepStrictEqual(answer, before.get(question)))
    expect([name, how, otherwise]).toEqual([name, how, []])
    expect([name, how, await faultsOf(path, clock.ms)]).toEqual([name, how, []])
  }
  for (const name of ENDING) expect(ended).toContain(name)
})

test('doctor finds in a table that is too large for a check by SQLite what is missing of any index, and nothing else', {
  timeout: 0,
}, async () => {
  const path = copied(closed, join(folder, 'large'))
  const looked = () =>
    onFile(path, sql => {
      const looking = inspect(sql, 0)
      for (;;) {
        const step = looking.next()
        if (step.done) return step.value.faults.filter(fault => !fault.startsWith('expected'))
      }
    })
  expect(await looked()).toEqual([])
  const indexes = await onFile(path, sql =>
    sql.all<{ name: string; rootpage: number }>(
      "SELECT name, rootpage FROM main.sqlite_schema WHERE type = 'index' AND rootpage > 0",
    ),
  )
  const bytes = readFileSync(path)
  const empty = []
  for (const { name, rootpage } of indexes) {
    const copy = Buffer.from(bytes)
    const at = (rootpage - 1) * PAGE_BYTES
    if (copy.readUInt16BE(at + 3) === 0) {
      empty.push(name)
      continue
    }
    // A leaf without cells.
    copy.fill(0, at, at + PAGE_BYTES).writeUInt8(10, at)
    copy.writeUInt16BE(PAGE_BYTES, at + 5)
    writeFileSync(path, copy)
    expect(await looked()).toEqual([expect.stringContaining(`missing in ${name}, `)])
  }
  expect(empty.length).toBeLessThan(indexes.length / 4)
})

/** None of the questions reads them. */
const UNASKED = new Set(['keys', 'state_sizes', 'shares', 'incidents'])

test('a store whose sums are not looked at gives answers that were never written', { timeout: 0 }, async () => {
  const isCaught = async () => {
    const [verdict] = await flipMany(closed, '', 1, makeSumsFit)
    return !verdict!.isNoticed && verdict!.wrong.length > 0
  }
  const isNameless = (error: Error) => !error.message.includes(folder)
  let tries = 0
  while (!(await isCaught().catch(isNameless))) expect(tries++).toBeLessThan(MAX_TRIES)
})

/** Most bits are in text or in unused space; one of a dozen is enough as a rule. */
const MAX_TRIES = 200

/** As good as none. */
async function makeSumsFit(path: string): Promise<void> {
  const sql = new Sql(await openDatabase(path), path)
  try {
    sumAnew(sql)
    sql.exec("UPDATE events SET crc = crc_of(id || ' ' || at || ' ' || body)")
  } catch {
    // SQLite notices this one by itself.
  }
  sql.close()
}

test('every table has sums, or something else that stands for them', async () => {
  const path = copied(closed, join(folder, 'tables'))
  const sql = new Sql(await openDatabase(path), path)
  const all = sql
    .all<{ name: string }>("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')")
    .map(({ name }) => name)
  const summed = summedTables(sql).map(({ name }) => name)
  sql.close()
  const without = all.filter(name => !summed.includes(name) && !name.startsWith('sqlite_'))
  expect(without.sort()).toEqual(Object.keys(WITHOUT_SUMS).sort())
})
