import { asText } from '../../bus/text.ts'

/** What `plugin/hooks/hooks.json` sends for an event; fields that an event does not have are empty. */
export interface HookInput {
  readonly event: string
  readonly sessionId: string
  /** Of the subagent that the event happened in; empty for the session's own agent. */
  readonly agentId: string
  readonly cwd: string
  readonly mode: string
  readonly source: string
  readonly transcript: string
  readonly prompt: string
  /** What the session was named at its client. */
  readonly title: string
  readonly tool: string
  readonly path: string
  readonly command: string
  readonly peek: string
  /** The first tools of a batch that ended. */
  readonly tools: readonly string[]
}

/**
 * The client's words, not ours to refuse: a hook that was not answered would let an unguarded command run. So what is no
 * text in them is replaced.
 */
export function hookInput(fields: Record<string, unknown>): HookInput {
  const text = (name: string) => (typeof fields[name] === 'string' ? asText(fields[name]) : '')
  return {
    event: text('event'),
    sessionId: text('session_id'),
    agentId: text('agent_id'),
    cwd: text('cwd'),
    mode: text('permission_mode'),
    source: text('source'),
    transcript: text('transcript_path'),
    prompt: text('prompt'),
    title: text('session_title'),
    tool: text('tool_name'),
    path: text('file_path'),
    command: text('command'),
    peek: text('peek'),
    tools: text('tools')
      .split(' ')
      .filter(name => name !== ''),
  }
}
