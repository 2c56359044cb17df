import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { TestMachine } from '../test-machine.ts'
import { type Answers, askAll, FAULT } from './populated.ts'

export interface Asked {
  readonly answers: Answers
  /** Something was said of the file, or it was refused. */
  readonly isNoticed: boolean
}

/** What became of a damaged file. */
export interface Verdict {
  readonly isNoticed: boolean
  /** Questions whose answer holds something that was never written. */
  readonly wrong: readonly string[]
  /** Questions whose answer lacks something, though nothing was said. */
  readonly missing: readonly string[]
}

export function judge(before: Answers, { answers, isNoticed: wasTold }: Asked): Verdict {
  const isNoticed = wasTold || [...answers.values()].includes(FAULT)
  const other = [...answers].filter(
    ([question, answer]) =>
      answer !== FAULT && !isDeepStrictEqual(answer, before.get(question)) && !(isNoticed && FOLLOWS.test(question)),
  )
  // Of a receipt that is lost the letter is offered again.
  const rightOf = (question: string) => before.get(question.startsWith('unread') ? 'log' : question)
  const wrong = other.filter(
    ([question, answer]) => question !== COUNTED && !isPartOf(withoutStored(question, answer), rightOf(question)),
  )
  const missing = isNoticed ? [] : other.filter(each => !wrong.includes(each))
  const questions = (list: typeof other) => list.map(([question]) => question)
  return { isNoticed, wrong: questions(wrong), missing: questions(missing) }
}

/** Says how many follow each channel: fewer where one of them is not found. */
const COUNTED = 'channels'

/** Where a receipt is not found, its letter counts as stored for the session. */
function withoutStored(question: string, answer: unknown): unknown {
  if (!question.startsWith('receipts') || !Array.isArray(answer)) return answer
  return answer.filter(({ state }) => state !== 'stored')
}

/** What is counted of what is left: ids go on past those that may be lost, what a lost token granted has lapsed. */
const FOLLOWS = /^(bounds|lapse|channels|nextExpiry|receipts|talk|state |states)/

/** Less than what was written is not wrong; other than what was written is. */
function isPartOf(answer: unknown, right: unknown): boolean {
  if (isDeepStrictEqual(answer, right) || answer === undefined || answer === false) return true
  if (!Array.isArray(answer) || !Array.isArray(right)) return false
  return answer.every(each => right.some(other => isDeepStrictEqual(each, other)))
}

/** Copies a file, and its log where it was not closed, into a folder of their own. */
export function copied(from: string, folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const path = join(folder, 'bus.db')
  for (const suffix of ['', '-wal']) if (existsSync(from + suffix)) copyFileSync(from + suffix, path + suffix)
  return path
}

export function flip(file: string, bitAt: number): void {
  const bytes = readFileSync(file)
  bytes[Math.floor(bitAt / 8)]! ^= 1 << (bitAt % 8)
  writeFileSync(file, bytes)
}

/** Opens it as a hub does and asks everything. */
export async function openAndAsk(path: string, ms: number): Promise<Asked> {
  let isNoticed = false
  const onIncident = () => {
    isNoticed = true
  }
  const store = await opened(path, ms, onIncident)
  if (store === undefined) return { answers: new Map(), isNoticed: true }
  try {
    return { answers: await askAll(store, path), isNoticed }
  } finally {
    await store.close()
  }
}

/** What `doctor` says of it. */
export async function faultsOf(path: string, ms: number): Promise<readonly string[]> {
  const store = await opened(path, ms)
  if (store === undefined) return ['it is refused']
  try {
    return (await store.inspect()).faults
  } catch (error) {
    return [String(error)]
  } finally {
    await store.close()
  }
}

/** Undefined where it is refused, by name. */
async function opened(path: string, ms: number, onIncident?: () => void) {
  try {
    return await openSqliteStore({ path, clock: new TestMachine(ms), isAlone: true, onIncident })
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    if (code?.startsWith('store_') && message.includes(path)) return undefined
    throw error
  }
}
