/** Shared state and claims behave as if one call happened after the other through a hub too, even one that is killed. */
// biome-ignore lint/plugin: the hub's claims end by the clock, so its clients take their time; nothing is concluded from it.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { killWhileWorking } from '../crash/killer.ts'
import { preparePrograms } from '../crash/programs.ts'
import { tempHome } from '../crash/temp-home.ts'
import { seed } from '../tier.ts'
import { judge } from './judge.ts'
import { clientsOfHub, WIRE_TTL_MS } from './over-hub.ts'
import { randomFrom } from './random.ts'
import { CLIENTS, createTally, KEYS, rounds } from './tally.ts'
import { type Load, runLoad } from './workload.ts'

/** Between two kills, of all clients together. */
const MAX_CALLS = 600

const load: Load = {
  ...KEYS,
  ttlMs: random => WIRE_TTL_MS * (1 + random.below(2)),
  pause: random => (random.chance(0.3) ? sleep(random.below(8)) : Promise.resolve()),
}

test.each([
  ['a hub over its socket', false],
  ['a hub that is killed again and again', true],
])('every history of %s can be put in an order', { timeout: 0 }, async (what, isKilled) => {
  await using programs = await preparePrograms()
  const tally = createTally()
  let kills = 0
  for (let round = 0; round < rounds; round++) {
    const random = randomFrom(seed + round)
    await using hub = await tempHome(programs)
    const clients = await clientsOfHub(hub.connect, CLIENTS)
    let calls = 0
    const next = () => CLIENTS + random.below(MAX_CALLS)
    const killer = isKilled ? killWhileWorking(hub, { done: () => calls, next }) : undefined
    const onCall = () => {
      calls++
    }
    const histories = await runLoad(random, clients, { ...load, onCall }).finally(() => killer?.stop())
    const finding = judge(histories)
    tally.pass(finding)
    expect(finding.unanswered / finding.calls).toBeLessThanOrEqual(0.01)
    kills += (await killer?.stop()) ?? 0
  }
  if (isKilled) expect(kills).toBeGreaterThan(rounds)
  tally.print(`${what} (${kills} kills)`)
})
