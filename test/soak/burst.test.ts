import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { judge } from './verdict.ts'
import { openWorld } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

const MESSAGES = 200

test('an idle session reads two hundred messages of one second, each once, after at most five rings', async () => {
  await using world = await openWorld({ names: ['ada'] })
  const [ada] = world.sessions
  const from = performance.now()
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, i) =>
      world.operator.call('publish', { to: 'ada', text: `line ${i} of the build has failed` }),
    ),
  )
  const publishedMs = performance.now() - from
  const giveUpAt = performance.now() + 20_000
  let verdict = await judge(world.operator, world.sessions)
  while (verdict.untrue.length + verdict.lost.length > 0 && performance.now() < giveUpAt) {
    await Promise.race([sleep(200), world.broken])
    verdict = await judge(world.operator, world.sessions)
  }
  console.log({
    publishedMs: Math.round(publishedMs),
    rings: ada!.rings,
    turns: ada!.turns,
    hooks: ada!.hooks.tookMs.length,
  })
  expect(verdict).toMatchObject({ deliveries: MESSAGES, lost: [], doubled: [], untrue: [] })
  expect(publishedMs).toBeLessThan(1_000)
  expect(ada!.rings).toBeLessThanOrEqual(5)
  expect(ada!.hooks.unanswered).toEqual([])
})
