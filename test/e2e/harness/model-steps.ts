import { lastUserText, type ModelRequest } from './model-request.ts'
import { type Step, stepsIn } from './model-script.ts'

export interface Queued {
  /** Only for this session. */
  sessionId?: string
  /** Only when the turn's user text contains this. */
  match?: string
  steps: Step[]
}

/**
 * Which step answers a request, the first that there is: a queued one that fits; the script in the latest user text
 * that has one, its i-th step for the i-th request after that text; an echo.
 */
export class StepQueue {
  readonly #queue: Queued[] = []

  add(queued: Queued): void {
    this.#queue.push({ ...queued, steps: [...queued.steps] })
  }

  take(request: ModelRequest): Step {
    const turn = lastUserText(request)
    const queued = this.#queue.find(
      ({ sessionId, match, steps }) =>
        steps.length > 0 &&
        (sessionId === undefined || sessionId === request.sessionId) &&
        (match === undefined || turn.includes(match)),
    )
    return queued?.steps.shift() ?? scriptedStep(request) ?? { text: `heard: ${turn.slice(0, 200)}` }
  }
}

function scriptedStep(request: ModelRequest): Step | undefined {
  for (const part of request.parts.toReversed()) {
    if (part.role !== 'user' || part.kind !== 'text') continue
    const steps = stepsIn(part.text)
    if (steps === undefined) continue
    const after = request.parts.filter(later => later.role === 'assistant' && later.message > part.message)
    return steps[new Set(after.map(later => later.message)).size]
  }
  return undefined
}
