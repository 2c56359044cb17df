/** What a hook is answered with, as the JSON that Claude Code reads. An empty text would put a line before the model. */
export const SILENCE = '{}'

/** Text before the model; says nothing where there is none. */
export function context(event: string, text: string): string {
  return text === '' ? SILENCE : output(event, { additionalContext: text })
}

/** The answer to a tool that is about to run, with letters beside it where some are late. */
export function permission(decision: 'allow' | 'ask' | 'deny', reason?: string, text = ''): string {
  return output('PreToolUse', {
    permissionDecision: decision,
    ...(reason === undefined ? {} : { permissionDecisionReason: reason }),
    ...(text === '' ? {} : { additionalContext: text }),
  })
}

function output(event: string, fields: object): string {
  return JSON.stringify({ hookSpecificOutput: { hookEventName: event, ...fields } })
}
