/** One call of a tool by the scripted model. */
export interface ToolCall {
  tool: string
  input?: Record<string, unknown>
}

/** What the scripted model does with one request of a session's main loop. */
export interface Step {
  text?: string
  tool?: string
  input?: Record<string, unknown>
  tools?: ToolCall[]
  /** No answer before `ModelServer.release()`: so a turn lasts until the test has done what belongs into it. */
  held?: boolean
  /** Wait between pieces of text: a turn that stays busy and streams. */
  chunkMs?: number
  /** Refuse with this HTTP status. The client retries 429 and 5xx, and each try takes a step. */
  status?: number
  error?: { type: string; message: string }
  usage?: { input_tokens?: number; output_tokens?: number }
}

const OPEN = '[[model:'
const CLOSE = ']]'

/** Writes steps into a prompt: step i answers the i-th request after it, whichever session passes it on. */
export function script(...steps: Step[]): string {
  return `${OPEN} ${JSON.stringify(steps)} ${CLOSE}`
}

/** The steps that a text carries, if it carries any. `]]` may also stand inside the JSON, so each one is tried. */
export function stepsIn(text: string): Step[] | undefined {
  for (let at = text.indexOf(OPEN); at >= 0; at = text.indexOf(OPEN, at + 1)) {
    for (let end = text.indexOf(CLOSE, at); end >= 0; end = text.indexOf(CLOSE, end + 1)) {
      const steps = parseSteps(text.slice(at + OPEN.length, end))
      if (steps !== undefined) return steps
    }
  }
  return undefined
}

function parseSteps(json: string): Step[] | undefined {
  try {
    const value = JSON.parse(json)
    return Array.isArray(value) ? value : [value]
  } catch {
    return undefined
  }
}

export function toolCallsOf(step: Step): ToolCall[] {
  if (step.tools !== undefined) return step.tools
  if (step.tool === undefined) return []
  return [{ tool: step.tool, ...(step.input === undefined ? {} : { input: step.input }) }]
}
