import { ERRORS } from '../../bus/errors.ts'

/** Exit codes of every command, for scripts. The registry of errors (src/bus/errors.ts) gives each error one of them. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'unexpected: a fault in Switchboard, or `doctor` found something broken',
  2: 'bad input: an argument is missing, malformed or unknown',
  3: 'refused by the present state: a stale version, a claim of another session',
  4: 'not found: no such event, key, claim, session, token or recipient',
  5: 'not allowed: no credential, or one that may not do this',
  6: 'the hub or its store is away; `status`: no hub runs',
  7: 'nothing came in time',
  130: 'interrupted by Ctrl-C; `watch` ends with 0',
}

export const EXIT_UNAVAILABLE = ERRORS.hub_unavailable.exit

/** By the custom of shells: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130
