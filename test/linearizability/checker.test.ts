import { describe, expect, test } from 'vitest'
import { seed } from '../tier.ts'
import { check, type Model, type Operation, type Verdict } from './checker.ts'
import { explain } from './explain.ts'
import { validClaims, validState } from './generate.ts'
import { knownClaims, knownState } from './known.ts'
import { lock } from './models/lock.ts'
import { type RegisterInput, type RegisterOutput, register } from './models/register.ts'
import { claimMutations, type Mutation, stateMutations } from './mutate.ts'
import { type Random, randomFrom } from './random.ts'

describe('histories with a known verdict', () => {
  test.each(knownState)('state, $verdict: $what', ({ verdict, history }) => {
    expect(verdictOf(register, history)).toBe(verdict)
  })

  test.each(knownClaims)('claims, $verdict: $what', ({ verdict, history }) => {
    expect(verdictOf(lock, history)).toBe(verdict)
  })

  test('there are at least 40 wrong ones', () => {
    const wrong = [...knownState, ...knownClaims].filter(each => each.verdict === 'violation')
    expect(wrong.length).toBeGreaterThanOrEqual(40)
  })
})

describe('random histories', () => {
  test('right ones of 8 clients pass, with some answers lost too', () => {
    const random = randomFrom(seed)
    for (let run = 0; run < 60; run++) {
      expect(verdictOf(register, validState(random, 8, 50))).toBe('ok')
      // Fewer of them: each lost answer may have taken effect at any time after, and multiplies what is to be tried.
      expect(verdictOf(register, validState(random, 8, 25, 0.01))).toBe('ok')
      expect(verdictOf(lock, validClaims(random, 8, 50))).toBe('ok')
    }
  })

  test.each(Object.keys(stateMutations))('state is caught each time that %s', what => {
    spoiled(randomFrom(seed), random => validState(random, 4, 20), stateMutations[what]!, register)
  })

  test.each(Object.keys(claimMutations))('claims are caught each time that %s', what => {
    spoiled(randomFrom(seed), random => validClaims(random, 4, 20), claimMutations[what]!, lock)
  })

  test('it says what trying every order says', () => {
    const random = randomFrom(seed)
    const seen = { ok: 0, violation: 0, unknown: 0 }
    for (let run = 0; run < 1_500; run++) {
      const history = muddled(random, validState(random, 2 + random.below(2), 2, 0.15))
      const verdict = verdictOf(register, history)
      expect(verdict, explainIf(verdict, history)).toBe(hasSomeOrder(register, history) ? 'ok' : 'violation')
      seen[verdict]++
    }
    expect(Math.min(seen.ok, seen.violation)).toBeGreaterThan(200)
  })
})

test('keys are judged apart', () => {
  const [right, wrong] = [knownState.find(isRight)!.history, knownState.find(each => !isRight(each))!.history]
  const history = [...right.map(each => ({ ...each, key: 'right' })), ...wrong.map(each => ({ ...each, key: 'wrong' }))]
  expect(check(register, history).map(({ key, verdict }) => [key, verdict])).toEqual([
    ['right', 'ok'],
    ['wrong', 'violation'],
  ])
})

test('a search that takes too many steps is told as unknown, never as right', () => {
  const history = validState(randomFrom(seed), 8, 20)
  expect(check(register, history, 10)[0]!.verdict).toBe('unknown')
})

test('a violation is explained by the shortest beginning that shows it', () => {
  const history = knownState.find(each => each.what.startsWith('stale read after'))!.history
  const right = [
    { ...history[0]!, calledAt: 7, returnedAt: 8, output: { is: 'written', version: 3, value: 'x' } } as const,
  ]
  const text = explain(register, [...history, ...right])
  expect(text).toContain('3 of 4 calls')
  expect(text).toMatch(/✗ 5…6 .*get → .*"version":1/)
})

function verdictOf<S, I, O>(model: Model<S, I, O>, history: readonly Operation<I, O>[]): Verdict {
  return check(model, history)[0]!.verdict
}

function isRight({ verdict }: { verdict: string }): boolean {
  return verdict === 'ok'
}

function spoiled<S, I, O>(
  random: Random,
  generate: (random: Random) => Operation<I, O>[],
  mutate: Mutation<Operation<I, O>>,
  model: Model<S, I, O>,
): void {
  let tried = 0
  for (let run = 0; run < 40; run++) {
    const right = generate(random)
    const wrong = mutate(random, right)
    if (!wrong) continue
    tried++
    expect(verdictOf(model, right)).toBe('ok')
    expect(verdictOf(model, wrong)).toBe('violation')
  }
  expect(tried).toBeGreaterThan(5)
}

/** Gives some calls the answers of others: then nobody knows whether it is still right. */
function muddled(random: Random, history: Operation<RegisterInput, RegisterOutput>[]) {
  if (random.chance(0.4)) return history
  const victim = random.below(history.length)
  const other = random.pick(history.filter(each => each.input.do === history[victim]!.input.do))
  return history.map((each, n) => (n === victim ? { ...each, output: other.output } : each))
}

/** The definition, word for word: some order of some of the calls explains all answers and respects time. */
function hasSomeOrder<S, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  state = model.init(),
): boolean {
  const answered = history.filter(each => each.output !== undefined)
  if (answered.length === 0) return true
  const firstAnswer = Math.min(...answered.map(each => each.returnedAt))
  return history.some(each => {
    if (each.calledAt > firstAnswer) return false
    const next = model.step(state, each)
    return (
      next.ok &&
      hasSomeOrder(
        model,
        history.filter(other => other !== each),
        next.state,
      )
    )
  })
}

function explainIf(verdict: Verdict, history: readonly Operation<RegisterInput, RegisterOutput>[]): string {
  return verdict === 'violation' ? explain(register, history) : JSON.stringify(history)
}
