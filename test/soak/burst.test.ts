import { expect, test } from 'vitest'
import { reader } from './session-parts.ts'
import { judge, type Verdict } from './verdict.ts'
import { openWorld } from './world.ts'

const WAVES = 4
const MESSAGES_PER_WAVE = 50

test('an idle session reads two hundred messages that come in four waves, each once, after one ring each', async () => {
  await using world = await openWorld({ names: ['ada'] })
  const [ada] = world.sessions
  let sent = 0
  // Its turn lasts until it has the whole wave, however slow the machine is.
  ada!.model = (session, round) =>
    session.hasDigest || session.context.seen.size >= sent
      ? reader(session, round)
      : [{ tool: 'Bash', input: {}, ms: 20 }]
  let verdict: Verdict | undefined
  const isRead = async () => {
    verdict = await judge(world.operator, world.sessions)
    return ada!.isIdle && verdict.untrue.length + verdict.lost.length === 0
  }
  for (let wave = 1; wave <= WAVES; wave++) {
    sent = wave * MESSAGES_PER_WAVE
    await Promise.all(
      Array.from({ length: MESSAGES_PER_WAVE }, (_, i) =>
        world.operator.call('publish', { to: 'ada', text: `line ${i} of build ${wave} has failed` }),
      ),
    )
    await world.until(isRead, { what: `wave ${wave} to be read`, detail: () => JSON.stringify(verdict) })
  }
  console.log({ rings: ada!.rings, turns: ada!.turns, hooks: ada!.hooks.calls })
  expect(verdict).toMatchObject({ deliveries: WAVES * MESSAGES_PER_WAVE, lost: [], doubled: [], untrue: [] })
  expect(ada!.rings).toBe(WAVES)
  expect(ada!.hooks.unanswered).toEqual([])
})
