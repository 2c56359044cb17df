/**
 * A call whose answer was lost happens once: a client is killed while its call is under way, and one that repeats the
 * call with the same key gets one event in all, however far the first one came. A seed repeats the moments.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { randomFrom } from '../linearizability/random.ts'
import { seed, tier } from '../tier.ts'
import { readLog } from './log.ts'
import { type Programs, preparePrograms } from './programs.ts'
import { type TestHome, tempHome } from './temp-home.ts'

const calls = tier.cutCalls
/** Times what a call takes: some are cut off before they arrive, some during and some after. */
const MAX_LIFE = 3
const AT_ONCE = 2
/** Until a call is seen that was done though its answer was lost, so many times the calls are tried. */
const MAX_TIMES_CALLS = 5

test('the count catches a hub that ignores keys', { timeout: 0 }, async () => {
  const { copies } = await killedCalls(12, 'forgetful-hub.ts')
  expect(Math.max(...copies)).toBeGreaterThan(1)
})

test(`each of ${calls} calls that were cut off and repeated is one event`, {
  timeout: 0,
}, async () => {
  const { copies, answered, already, unequal } = await killedCalls(calls)
  console.log(
    `client-kill: ${copies.length} calls, ${answered} answered in time, ${already} seen done before they were repeated`,
  )
  expect(copies).toEqual(copies.map(() => 1))
  expect(unequal).toEqual([])
  // Both ways round came up, or it would have shown nothing.
  expect(already).toBeGreaterThan(0)
})

interface KilledCalls {
  /** How many events each call is. */
  readonly copies: number[]
  readonly answered: number
  readonly already: number
  /** Repeats that were answered with an id under which the log has something else. */
  readonly unequal: string[]
}

async function killedCalls(count: number, plantedBug?: string): Promise<KilledCalls> {
  await using programs = await preparePrograms(plantedBug)
  await using home = await tempHome(programs)
  const operator = home.connect()
  const { credential } = await operator.call('register', { name: 'caller' })
  const caller = operator.withCredential(credential)
  const random = randomFrom(seed)
  const texts = Array.from({ length: count }, (_, n) => `call-${n}`)
  const ids = new Map<string, number>()
  let [answered, already] = [0, 0]

  async function killedCall(text: string): Promise<void> {
    if (await wasAnswered(programs, home, credential, text, random.next() ** 2 * MAX_LIFE)) answered++
    // Looking takes a moment; the others are repeated at once, while the first call may still be at work in the hub.
    const isLookedAt = random.chance(0.5)
    if (isLookedAt && (await readLog(operator, 'topic:dying')).some(event => event.text === text)) already++
    const repeated = await caller.call('publish', { text, to: 'topic:dying' }, { key: text })
    ids.set(text, repeated.event_id)
  }

  const queue = [...texts]
  const worker = async () => {
    for (let text = queue.shift(); text !== undefined; text = queue.shift()) await killedCall(text)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  while (already === 0 && texts.length < MAX_TIMES_CALLS * count) {
    texts.push(`call-${texts.length}`)
    await killedCall(texts.at(-1)!)
  }
  const log = await readLog(operator, 'topic:dying')
  const idOf = new Map(log.map(event => [event.text, event.id]))
  return {
    copies: texts.map(text => log.filter(event => event.text === text).length),
    answered,
    already,
    unequal: texts.filter(text => idOf.get(text) !== ids.get(text)),
  }
}

/** Runs the caller to its end, and says whether it got an answer before. */
async function wasAnswered(
  { dyingCaller }: Programs,
  { env }: TestHome,
  credential: string,
  text: string,
  times: number,
): Promise<boolean> {
  const child = spawn(process.execPath, [dyingCaller, text, text, String(times)], {
    env: { ...env, SWITCHBOARD_TOKEN: credential },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  const [, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') throw new Error(`expected the caller to kill itself, got ${signal}: ${said}`)
  if (said !== '' && said !== 'answered\n') throw new Error(`${text}: ${said}`)
  return said !== ''
}
