import { check, type Judgement, type Model, type Operation } from './checker.ts'
import { explain } from './explain.ts'
import { lock } from './models/lock.ts'
import { register } from './models/register.ts'
import type { Histories } from './workload.ts'

export interface Finding {
  readonly judgements: readonly Judgement[]
  /** One text per violation, with the calls that show it. */
  readonly violations: readonly string[]
  readonly calls: number
  readonly unanswered: number
}

export function judge({ state, claims }: Histories): Finding {
  const all = [...state, ...claims]
  const [ofState, ofClaims] = [found(register, state), found(lock, claims)]
  return {
    judgements: [...ofState.judgements, ...ofClaims.judgements],
    violations: [...ofState.violations, ...ofClaims.violations],
    calls: all.length,
    unanswered: all.filter(each => each.output === undefined).length,
  }
}

function found<S, I, O>(model: Model<S, I, O>, history: readonly Operation<I, O>[]) {
  const judgements = check(model, history)
  const wrong = judgements.filter(each => each.verdict === 'violation')
  const violations = wrong.map(({ key }) =>
    explain(
      model,
      history.filter(each => each.key === key),
    ),
  )
  return { judgements, violations }
}
