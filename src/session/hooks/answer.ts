import type { Said } from '../../bus/say.ts'
import { type Mail, NO_MAIL } from './mail.ts'

/** What a hook is answered with, as the JSON that Claude Code reads. An empty text would put a line before the model. */
export const SILENCE = '{}'

/** Letters before the model, as the hub has fenced them, and a line for the person; nothing where there are none. */
export function context(event: string, { text, notice }: Mail): string {
  return text === '' ? SILENCE : output(event, { additionalContext: text }, beside(notice))
}

/**
 * The answer to a tool that is about to run, with letters beside it where some are late. The dialog for an edit does
 * not show the reason, so the user also gets it as a line of its own.
 */
export function permission(
  decision: 'allow' | 'ask' | 'deny',
  reason?: Said,
  { text, notice }: Mail = NO_MAIL,
): string {
  const fields = {
    permissionDecision: decision,
    ...(reason === undefined ? {} : { permissionDecisionReason: reason.text }),
    ...(text === '' ? {} : { additionalContext: text }),
  }
  return output('PreToolUse', fields, beside(decision === 'ask' && reason?.text, notice))
}

/** What the person at the terminal sees. */
function beside(...parts: readonly (string | false | undefined)[]): object {
  const shown = parts.filter(Boolean)
  return shown.length === 0 ? {} : { systemMessage: shown.join('\n') }
}

function output(event: string, fields: object, forPerson: object): string {
  return JSON.stringify({ ...forPerson, hookSpecificOutput: { hookEventName: event, ...fields } })
}
