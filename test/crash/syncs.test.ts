/**
 * What a hub waits for its disk for. An agent waits for the hub at every step, and a disk can take a fifth of a second to
 * sync, so only what somebody was promised is synced before the answer.
 */
import { expect, test } from 'vitest'
import { canTrace, startTraced } from './failing-disk.ts'
import { preparePrograms } from './programs.ts'
import { tempHome } from './temp-home.ts'

const LETTERS = 10

const isTraceable = canTrace()
if (!isTraceable) console.log('syncs: skipped; strace is missing or may not trace here (apt-get install strace)')

test.skipIf(!isTraceable)('a publish is synced before its answer; heartbeats, leases and proofs are not', async () => {
  await using programs = await preparePrograms()
  await using home = await tempHome(programs)
  const hub = startTraced(programs, home)
  await home.answering()
  const operator = home.connect({ startHub: false })
  const { credential, name } = await operator.call('register', { name: 'reader' })
  const reader = home.connect({ startHub: false, credential })

  const atStart = hub.syncs().length
  for (let n = 0; n < LETTERS; n++) await operator.call('publish', { to: name, text: `letter ${n}` })
  const published = hub.syncs().length
  expect(published - atStart).toBeGreaterThanOrEqual(LETTERS)

  await reader.call('heartbeat', { activity: 'busy' })
  const { events } = await reader.call('collect', { route: 'tool hook' })
  expect(events).toHaveLength(LETTERS)
  const { consumed } = await reader.call('settle', { proof: 'Stop hook', events })
  expect(consumed).toBe(LETTERS)
  await reader.call('heartbeat', { activity: 'idle' })
  expect(hub.syncs().slice(published)).toEqual([])

  await home.kill()
  const fresh = home.connect({ credential })
  expect((await fresh.call('inbox', { peek: true })).pending, 'a kill undoes none of it').toBe(0)
})
