import { expect, it } from 'vitest'
import { BUDGET_MS, MAX_TURNS, MAX_WAKES, WakeBudget } from '../../src/bus/wake-budget.ts'

/** It has taken its mail before, so that it wakes. */
function wake(budget: WakeBudget, sender: string, other: string, now = 0) {
  budget.tookMail(other)
  return budget.note(sender, [other], now)
}

it('a ring of three spends the budgets of its senders, and each refills steadily', () => {
  const budget = new WakeBudget()
  const ring = ['a', 'b', 'c']
  for (let i = 0; i < 3 * MAX_WAKES; i++) expect(wake(budget, ring[i % 3]!, ring[(i + 1) % 3]!)).toBeUndefined()
  for (const sender of ring) expect(wake(budget, sender, 'x')).toEqual({ key: sender })
  const oneMs = BUDGET_MS / MAX_WAKES
  expect(wake(budget, 'a', 'b', oneMs - 1)).toBeDefined()
  expect(wake(budget, 'a', 'b', oneMs)).toBeUndefined()
  expect(wake(budget, 'a', 'b', oneMs)).toBeDefined()
})

it('two who take turns spend the budget of their pair, and no other', () => {
  const budget = new WakeBudget()
  for (let i = 0; i <= MAX_TURNS; i++) expect(budget.note('ab'[i % 2]!, ['ba'[i % 2]!], 0)).toBeUndefined()
  expect(budget.note('b', ['a'], 0)).toMatchObject({ other: 'a' })
  // Also the one whose turn it is not.
  expect(budget.note('a', ['b'], 0)).toMatchObject({ other: 'b' })
  expect(budget.note('a', ['c'], 0)).toBeUndefined()
  expect(budget.note('a', ['c', 'b'], 0)).toMatchObject({ other: 'b' })
  budget.forgive(['b'])
  expect(budget.note('a', ['b'], 0)).toBeUndefined()
})

it('a burst from one side wakes once, and is no turn', () => {
  const budget = new WakeBudget()
  for (let i = 0; i < 10 * MAX_WAKES; i++) expect(budget.note('a', ['b', 'c'], 0)).toBeUndefined()
  for (let i = 1; i < MAX_WAKES; i++) expect(wake(budget, 'a', 'b')).toBeUndefined()
  expect(wake(budget, 'a', 'b')).toEqual({ key: 'a' })
})

it('senders are remembered up to a limit', () => {
  const budget = new WakeBudget()
  for (let i = 0; i < MAX_WAKES; i++) wake(budget, 'a', 'x')
  expect(wake(budget, 'a', 'x')).toEqual({ key: 'a' })
  // Of senders beyond the limit those longest untouched are forgotten.
  for (let i = 0; i < 10_000; i++) wake(budget, `u${i}`, 'x')
  expect(wake(budget, 'a', 'x')).toBeUndefined()
})
