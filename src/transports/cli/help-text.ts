import { EXIT_CODES } from './exit-codes.ts'

/** The paragraphs at the end of `switchboard --help`. */
export function exitCodesText(): string {
  return ['Exit codes:', ...Object.entries(EXIT_CODES).map(([code, meaning]) => `  ${code}  ${meaning}`)].join('\n')
}

export function environmentText(): string {
  return `Whom you act as:
  the owner of SWITCHBOARD_TOKEN, if it is set; else, inside an agent
  (CLAUDECODE, CLAUDE_CODE_SESSION_ID), that agent's session; else the
  operator, the human.

Environment:
  SWITCHBOARD_HOME       one folder (absolute) for all that is kept
  SWITCHBOARD_URL        the hub, where it is not this home's own
  SWITCHBOARD_TOKEN      the credential to use
  NO_COLOR, FORCE_COLOR  colours never, always`
}
