import { type Caller, OPERATOR_ID } from './access.ts'
import { SHARES, type ShareName } from './limits.ts'

/** How much of something one holder may have. */
export interface Share {
  /** The id of the token, the session, or the operator. */
  readonly holder: string
  readonly max: number
}

/** Sessions of one token share what it has; a session of the operator's has a share of its own. */
export function holderOf(caller: Caller): string {
  return caller.grantor === OPERATOR_ID ? caller.id : caller.grantor
}

/** Undefined where there is no limit. */
export function shareOf(caller: Caller, name: ShareName): Share | undefined {
  const kind = caller.grantor === OPERATOR_ID ? caller.kind : 'token'
  const max: number = SHARES[name][kind]
  return max === Number.POSITIVE_INFINITY ? undefined : { holder: holderOf(caller), max }
}
