import type { Model, Operation } from '../checker.ts'

/** A claim as its callers see it: a lock that ends by itself, with a fencing token that only grows. */
export type LockInput =
  /** With `token` it only renews. */
  | { readonly do: 'claim'; readonly who: string; readonly ttlMs: number; readonly token?: number }
  | { readonly do: 'release'; readonly who: string; readonly token?: number }
  | { readonly do: 'look' }

export type LockOutput =
  | { readonly is: 'granted'; readonly token: number; readonly expiresAt: number; readonly renewed: boolean }
  /** Refused: another holds it. */
  | { readonly is: 'held'; readonly by: string; readonly expiresAt: number }
  /** Refused: the token, or the claim, is not in force. */
  | { readonly is: 'not_in_force' }
  /** Not every door tells the token. */
  | { readonly is: 'released'; readonly token?: number }
  | { readonly is: 'seen'; readonly by: string; readonly token: number; readonly expiresAt: number }
  | { readonly is: 'nobody' }

/**
 * Expiry needs no call: it is there as soon as the clock is. So the state carries the earliest time that it can be, and
 * each call takes effect at the earliest time that explains its answer, within its own invocation and response. The
 * earliest is never worse: it leaves everything possible that comes after.
 */
export interface LockState {
  /** No call after this one took effect earlier. Milliseconds. */
  readonly now: number
  /** Every token given from now on is greater. */
  readonly lastToken: number
  readonly holder?: Holder
}

interface Holder {
  readonly who: string
  /** Undefined where the grant was not answered: then only that it is greater than `lastToken`. */
  readonly token: number | undefined
  /** Both the same, unless the grant was not answered. */
  readonly expiresFrom: number
  readonly expiresUntil: number
}

type Step = { readonly ok: boolean; readonly state: LockState }
type Lock<K extends LockInput['do']> = Operation<Extract<LockInput, { do: K }>, LockOutput>

export const lock: Model<LockState, LockInput, LockOutput> = {
  init: () => ({ now: 0, lastToken: 0 }),
  digest({ now, lastToken, holder }) {
    const by = holder ? `${holder.who} ${holder.token} ${holder.expiresFrom} ${holder.expiresUntil}` : ''
    return `${now} ${lastToken} ${by}`
  },
  step(state, operation) {
    switch (operation.input.do) {
      case 'claim':
        return claim(state, operation as Lock<'claim'>)
      case 'release':
        return release(state, operation as Lock<'release'>)
      case 'look':
        return look(state, operation as Lock<'look'>)
    }
  },
  describe({ input, output, calledMs, returnedMs }) {
    const { do: verb, ...rest } = input
    const answer = output === undefined ? 'no answer' : JSON.stringify(output)
    return `${verb} ${JSON.stringify(rest)} → ${answer} [${calledMs}–${returnedMs} ms]`
  },
}

function claim(state: LockState, operation: Lock<'claim'>): Step {
  const { input, output } = operation
  if (output === undefined) return claimUnanswered(state, operation)
  const { holder } = state
  if (output.is === 'granted') {
    const now = output.expiresAt - input.ttlMs
    if (now < earliest(state, operation) || now > operation.returnedMs) return impossible(state)
    const { token, expiresAt } = output
    const next: LockState = {
      now,
      lastToken: token,
      holder: { who: input.who, token, expiresFrom: expiresAt, expiresUntil: expiresAt },
    }
    if (output.renewed) {
      const isOwn = holder?.who === input.who && now < holder.expiresUntil && isToken(state, token)
      return { ok: isOwn && (input.token ?? token) === token, state: next }
    }
    const isFree = holder === undefined || now >= holder.expiresFrom
    return { ok: isFree && token > lastGiven(state) && input.token === undefined, state: next }
  }
  if (output.is === 'held') {
    if (holder === undefined || holder.who === input.who || holder.who !== output.by) return impossible(state)
    return seenUntil(state, operation, holder, output.expiresAt)
  }
  return output.is === 'not_in_force' && input.token !== undefined ? refused(state, operation) : impossible(state)
}

function release(state: LockState, operation: Lock<'release'>): Step {
  const { input, output } = operation
  const { holder } = state
  if (output !== undefined && output.is !== 'released') {
    return output.is === 'not_in_force' ? refused(state, operation) : impossible(state)
  }
  const now = earliest(state, operation)
  const token = output?.token ?? input.token
  const isOwn = holder?.who === input.who && now < holder.expiresUntil
  if (!isOwn || (token !== undefined && !isToken(state, token))) return impossible(state)
  if (output?.token !== undefined && (input.token ?? output.token) !== output.token) return impossible(state)
  return { ok: true, state: { now, lastToken: token ?? lastGiven(state) } }
}

function look(state: LockState, operation: Lock<'look'>): Step {
  const { output } = operation
  const { holder } = state
  if (output === undefined) return { ok: true, state }
  if (output.is === 'nobody') return free(state, operation)
  if (output.is !== 'seen' || holder?.who !== output.by || !isToken(state, output.token)) return impossible(state)
  const seen = { ...holder, token: output.token }
  return seenUntil({ ...state, lastToken: output.token, holder: seen }, operation, seen, output.expiresAt)
}

/** It may have been granted now or when the present holder's time was over; nobody was told token and end. */
function claimUnanswered(state: LockState, operation: Lock<'claim'>): Step {
  const { who, ttlMs, token } = operation.input
  const { holder } = state
  const isOwn = holder?.who === who
  if (token !== undefined && !(isOwn && isToken(state, token))) return impossible(state)
  const now = isOwn ? earliest(state, operation) : Math.max(earliest(state, operation), holder?.expiresFrom ?? 0)
  // Of its own claim it is a renewal, or a new one if that was over: so the token is the old one or greater.
  const lastToken = isOwn ? (holder.token ?? state.lastToken + 1) - 1 : lastGiven(state)
  const granted = { who, token, expiresFrom: now + ttlMs, expiresUntil: Number.POSITIVE_INFINITY }
  return { ok: true, state: { now, lastToken: token ?? lastToken, holder: granted } }
}

/** Refused for want of a claim in force: right unless the caller held exactly that all the time. */
function refused(state: LockState, operation: Lock<'claim'> | Lock<'release'>): Step {
  const { who, token } = operation.input
  const isHeld = state.holder?.who === who && (token === undefined || state.holder.token === token)
  return isHeld ? free(state, operation) : { ok: true, state: { ...state, now: earliest(state, operation) } }
}

/** Nobody holds it, at the latest when this call answered. */
function free(state: LockState, operation: Operation<LockInput, LockOutput>): Step {
  const now = Math.max(earliest(state, operation), state.holder?.expiresFrom ?? 0)
  return { ok: now <= operation.returnedMs, state: { now, lastToken: lastGiven(state) } }
}

/** The holder still holds it, until the end that the answer tells. */
function seenUntil(state: LockState, operation: Operation<LockInput, LockOutput>, holder: Holder, until: number): Step {
  const now = earliest(state, operation)
  const isKnown = holder.expiresFrom <= until && until <= holder.expiresUntil
  return {
    ok: isKnown && now < until,
    state: { ...state, now, holder: { ...holder, expiresFrom: until, expiresUntil: until } },
  }
}

function earliest(state: LockState, operation: Operation<LockInput, LockOutput>): number {
  return Math.max(state.now, operation.calledMs)
}

function isToken({ holder, lastToken }: LockState, token: number): boolean {
  return holder?.token === undefined ? token > lastToken : token === holder.token
}

/** The least that the last token given can have been. */
function lastGiven({ holder, lastToken }: LockState): number {
  return holder && holder.token === undefined ? lastToken + 1 : lastToken
}

function impossible(state: LockState): Step {
  return { ok: false, state }
}
