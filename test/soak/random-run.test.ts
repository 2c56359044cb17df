import { expect, test, vi } from 'vitest'
import { seedOf } from '../linearizability/random.ts'
import { randomRun } from './random-run.ts'
import { print } from './report.ts'

/** 2,000 and more for a long run. */
const MESSAGES = Number(process.env.MESSAGES ?? 300)

vi.setConfig({ testTimeout: 120_000 + MESSAGES * 200 })

test('eight sessions read all their mail once, through kills, resumes, clears, compactions and lost hubs', async () => {
  const report = await randomRun({ seed: seedOf(), messages: MESSAGES, isHarsh: process.env.HARSH !== undefined })
  print(report)
  expect.soft(report.lost).toEqual([])
  expect.soft(report.doubled).toEqual([])
  expect.soft(report.untrue).toEqual([])
  expect.soft(report.unheard).toEqual([])
  expect.soft(report.unanswered).toEqual([])
  expect.soft(report.refused).toEqual([])
  expect.soft(Math.max(...report.hookMs)).toBeLessThan(2_000)
  expect.soft(report.messages).toBeGreaterThanOrEqual(MESSAGES)
  expect.soft(report.rings).toBeLessThan(report.deliveries)
})
