import type { ClientProcess, ToolResult } from './client-process.ts'

/** What `hooks.json` grants a hook. */
const HOOK_TIMEOUT_MS = 2_000
const SLOW_MS = 200

/** Calls the hidden tool as the client does, and keeps account of how it was answered. */
export class HookCaller {
  /** Broken promises, as sentences. */
  readonly unanswered: string[] = []
  readonly tookMs: number[] = []
  /** Empty questions over the same stdio, beside some of the hooks. */
  readonly pingMs: number[] = []
  /** With a ping right behind: where that is slow too, the machine is. */
  readonly slow: { event: string; ms: number; pingMs: number }[] = []

  /** The context that it adds. */
  async call(client: ClientProcess, event: string, input: Record<string, string>): Promise<string> {
    const from = performance.now()
    const pinging = this.tookMs.length % 8 === 0 ? client.ping().catch(() => undefined) : undefined
    const answer = await client.toolWithin(HOOK_TIMEOUT_MS, 'hook', input)
    const ms = performance.now() - from
    if (answer === undefined) {
      this.unanswered.push(`${event}: nothing within ${HOOK_TIMEOUT_MS} ms`)
      return ''
    }
    this.tookMs.push(ms)
    const pingMs = await pinging
    if (pingMs !== undefined) this.pingMs.push(pingMs)
    if (ms > SLOW_MS) this.slow.push({ event, ms, pingMs: await client.ping() })
    return this.#contextIn(event, answer)
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
