import { HANG_MS } from '../until.ts'
import type { ClientProcess, ToolResult } from './client-process.ts'

/**
 * Calls the hidden tool as the client does, and keeps account of how it was answered. The client itself gives a hook two
 * seconds; how long one takes, `bench/hooks.mjs` measures.
 */
export class HookCaller {
  /** Broken promises, as sentences. */
  readonly unanswered: string[] = []
  calls = 0

  /** The context that it adds. */
  async call(client: ClientProcess, event: string, input: Record<string, string>): Promise<string> {
    const answer = await client.toolWithin(HANG_MS, 'hook', input)
    this.calls++
    if (answer !== undefined) return this.#contextIn(event, answer)
    this.unanswered.push(`${event}: nothing within ${HANG_MS} ms`)
    return ''
  }

  #contextIn(event: string, answer: ToolResult): string {
    const text = answer.content?.[0]?.text ?? ''
    try {
      const { hookSpecificOutput: said } = JSON.parse(text) as {
        hookSpecificOutput?: { hookEventName: string; additionalContext?: string }
      }
      if (said !== undefined && said.hookEventName !== event) throw new Error(`it is for ${said.hookEventName}`)
      return said?.additionalContext ?? ''
    } catch (error) {
      this.unanswered.push(`${event}: ${(error as Error).message}: ${text.slice(0, 80)}`)
      return ''
    }
  }
}
