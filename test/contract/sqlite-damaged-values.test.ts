/** As `sqlite-damage.test.ts`, of whole values: any value may stand in any column, such as a number that is too large. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { damagedTable } from '../../src/store/sqlite/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { guardRows, WITHOUT_SUMS } from '../../src/store/sqlite/row-sums.ts'
import { randomFrom } from '../linearizability/random.ts'
import { isLong, seed, tier } from '../tier.ts'
import { START_MS } from './bench.ts'
import { copied, faultsOf, judge, openAndAsk } from './damage/flips.ts'
import { type Answers, FAULT, populate } from './damage/populated.ts'
import { commitAll, onFile, type Place, placesOf, randomValue, TOO_LARGE, writeValue } from './damage/values.ts'
import { temporaryFolder } from './open.ts'
import { TestMachine } from './test-machine.ts'

const clock = new TestMachine(START_MS)
// The quick tier repeats what was looked at; the long one goes on looking, and may find what nobody knows yet.
const random = randomFrom(isLong ? seed : 11)
let folder: string
let closed: string
let before: Answers
let places: Place[]

beforeAll(async () => {
  folder = await temporaryFolder()
  await mkdir(join(folder, 'live'))
  const store = await populate(join(folder, 'live'), clock)
  await store.close()
  closed = join(folder, 'live/bus.db')
  before = (await openAndAsk(copied(closed, join(folder, 'sound')), clock.ms)).answers
  places = await onFile(closed, placesOf)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const IMPOSSIBLE = {
  'a whole value that no number holds': TOO_LARGE,
  'what its type forbids': ["x'00ff'"],
}

test.each(Object.entries(IMPOSSIBLE))(
  '%s is damage in whatever column it stands, and no other error',
  {
    timeout: 0,
  },
  async (_, values) => {
    for (const { table, column } of places) {
      const path = copied(closed, join(folder, 'one'))
      if ((await writeValue(path, { table, column }, random.pick(values))) === 0) continue
      // The row of `log` is read before it is written.
      const isRead = table in WITHOUT_SUMS || table === 'log'
      const other = column === 'sum' ? places.find(place => place.table === table)!.column : column
      const found = await onFile(path, sql => {
        guardRows(sql)
        return [
          damageOf(table, () => sql.all(`SELECT * FROM ${table}`)),
          isRead ? '' : damageOf(table, () => sql.run(`UPDATE ${table} SET ${other} = ${other}`)),
        ]
      })
      expect([table, column, found]).toEqual([
        table,
        column,
        [table in WITHOUT_SUMS ? 'none' : table, isRead ? '' : table],
      ])
    }
  },
)

function damageOf(table: string, work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return damagedTable(error) === table ? table : String(error)
  }
}

test(`any value in any column of a row is said, or found by doctor, and the store goes on (${tier.flips} values)`, {
  timeout: 0,
}, async () => {
  const wrong: unknown[] = []
  for (let n = 0; n < tier.flips; n++) {
    const { table, column } = random.pick(places.filter(isPromised))
    const rows = await onFile(closed, sql => sql.all(`SELECT 1 FROM main.${table}`).length)
    const place = { table, column, row: random.chance(0.2) ? undefined : random.below(Math.max(1, rows)) }
    const value = randomValue(random)
    const found = await wrongWith(place, value)
    if (found.length > 0) wrong.push([place, value, found])
  }
  expect(wrong).toEqual([])
})

/** What gives an event its number, and when the next one expires, is not held against anything before the event is read. */
const isPromised = ({ table, column }: Place) => table !== 'events' || !['id', 'expires_at'].includes(column)

/** A hub for each fault that ends one. */
const MAX_HUBS = 5

/** What is wrong with how a store with this value in it answers and goes on; empty where nothing is. */
async function wrongWith(place: Place, value: string): Promise<string[]> {
  const path = copied(closed, join(folder, 'value'))
  if ((await writeValue(path, place, value)) === 0) return []
  const wrong: string[] = []
  try {
    const first = judge(before, await openAndAsk(path, clock.ms))
    wrong.push(...first.wrong.map(question => `wrong: ${question}`))
    const isFound = first.missing.length === 0 || (await faultsOf(path, clock.ms)).length > 0
    if (!isFound) wrong.push(`missing: ${first.missing}`)
    wrong.push(...(await goingOn(() => refusedQuestions(path))))
    const other = copied(closed, join(folder, 'value'))
    await writeValue(other, place, value)
    wrong.push(...(await goingOn(() => refusedCommits(other))))
  } catch (error) {
    wrong.push(`${String(error)} ${String((error as Error).cause ?? '')}`)
  }
  return wrong
}

async function goingOn(refused: () => Promise<string[]>): Promise<string[]> {
  let last: string[] = []
  for (let hub = 0; hub < MAX_HUBS; hub++) {
    last = await refused()
    if (last.length === 0) return []
  }
  return last.map(each => `still refused: ${each}`)
}

/** A damaged event stays refused, and with it the log that it is in. */
const IS_OF_EVENTS = /^(event|log|receipts)/

async function refusedQuestions(path: string): Promise<string[]> {
  const { answers } = await openAndAsk(path, clock.ms)
  if (answers.size === 0) return ['the file']
  return [...answers].flatMap(([question, answer]) =>
    answer === FAULT && !IS_OF_EVENTS.test(question) ? [question] : [],
  )
}

async function refusedCommits(path: string): Promise<string[]> {
  const store = await openSqliteStore({ path, clock: new TestMachine(clock.ms), isAlone: true })
  const refused = await commitAll(store, path, random).finally(() => store.close())
  return refused.filter(each => !/: event \d+ is damaged/.test(each))
}
