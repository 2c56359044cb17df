import { expect, test, vi } from 'vitest'
import { seed, tier } from '../tier.ts'
import { randomRun } from './random-run.ts'
import { print } from './report.ts'

const { messages } = tier

vi.setConfig({ testTimeout: 0 })

test('eight sessions read all their mail once, through kills, resumes, clears, compactions and lost hubs', async () => {
  const report = await randomRun({ seed, messages })
  print(report)
  expect.soft(report.lost).toEqual([])
  expect.soft(report.doubled).toEqual([])
  expect.soft(report.untrue).toEqual([])
  expect.soft(report.unheard).toEqual([])
  expect.soft(report.unanswered).toEqual([])
  expect.soft(report.refused).toEqual([])
  expect.soft(report.messages).toBeGreaterThanOrEqual(messages)
  expect.soft(report.rings).toBeLessThan(report.deliveries)
})
