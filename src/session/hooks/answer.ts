/** What a hook is answered with, as the JSON that Claude Code reads. An empty text would put a line before the model. */
export const SILENCE = '{}'

/** Text before the model; says nothing where there is none. */
export function context(event: string, text: string): string {
  return text === '' ? SILENCE : output(event, { additionalContext: text })
}

/**
 * The answer to a tool that is about to run, with letters beside it where some are late. The dialog for an edit does
 * not show the reason, so the user also gets it as a line of its own.
 */
export function permission(decision: 'allow' | 'ask' | 'deny', reason?: string, text = ''): string {
  const fields = {
    permissionDecision: decision,
    ...(reason === undefined ? {} : { permissionDecisionReason: reason }),
    ...(text === '' ? {} : { additionalContext: text }),
  }
  return output('PreToolUse', fields, decision === 'ask' && reason !== undefined ? { systemMessage: reason } : {})
}

function output(event: string, fields: object, beside: object = {}): string {
  return JSON.stringify({ ...beside, hookSpecificOutput: { hookEventName: event, ...fields } })
}
