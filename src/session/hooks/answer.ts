import type { Said } from '../../bus/say.ts'

/** What a hook is answered with, as the JSON that Claude Code reads. An empty text would put a line before the model. */
export const SILENCE = '{}'

/** Letters before the model, as the hub has fenced them; says nothing where there are none. */
export function context(event: string, letters: string): string {
  return letters === '' ? SILENCE : output(event, { additionalContext: letters })
}

/**
 * The answer to a tool that is about to run, with letters beside it where some are late. The dialog for an edit does
 * not show the reason, so the user also gets it as a line of its own.
 */
export function permission(decision: 'allow' | 'ask' | 'deny', reason?: Said, letters = ''): string {
  const fields = {
    permissionDecision: decision,
    ...(reason === undefined ? {} : { permissionDecisionReason: reason.text }),
    ...(letters === '' ? {} : { additionalContext: letters }),
  }
  return output('PreToolUse', fields, decision === 'ask' && reason !== undefined ? { systemMessage: reason.text } : {})
}

function output(event: string, fields: object, beside: object = {}): string {
  return JSON.stringify({ ...beside, hookSpecificOutput: { hookEventName: event, ...fields } })
}
