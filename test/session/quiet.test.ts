import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

it('a session that leaves its mail unread is rung no more for it, and does not trouble the hub', async () => {
  const bus = await switchboard()
  const one = await scripted(bus, { id: 'one', env: { SWITCHBOARD_DOORBELL: 'inbox socket' } })
  const peer = await bus.peer('peer')
  await one.status('idle', Date.now() - 5_000)
  await peer.publish(one.name, 'unread')
  await until(() => one.rings.length === 1)
  // A turn that its client shows, and in which nothing is read.
  await one.status('busy')
  await sleep(100)
  await one.status('idle')
  const calls = async () => {
    const metrics = String(await bus.operator.request('GET', '/metrics'))
    const counts = [...metrics.matchAll(/^switchboard_\w*requests\w*_(?:count|total)\{[^}]*\} (\d+)/gm)]
    return counts.reduce((sum, [, n]) => sum + Number(n), 0)
  }
  await sleep(200)
  const before = await calls()
  expect(before).toBeGreaterThan(0)
  await sleep(1_000)
  expect((await calls()) - before).toBeLessThan(10)
  expect(one.rings).toHaveLength(1)
})
