import type { Operation } from './checker.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import { applied, type RegisterInput, type RegisterOutput, register } from './models/register.ts'
import type { Random } from './random.ts'

type StateCall = Operation<RegisterInput, RegisterOutput>
type ClaimCall = Operation<LockInput, LockOutput>

/** A history that is right by construction: every call takes effect at a moment of its own. */
export function validState(random: Random, clients: number, calls: number, lostAnswers = 0): StateCall[] {
  let state = register.init()
  return slots(random, clients, calls).map((slot, n) => {
    const input = anyStateInput(random, state.version, `${slot.client}-${n}`)
    const isLost = input.do !== 'get' && random.chance(lostAnswers)
    if (isLost && random.chance(0.5)) return recorded<StateCall>(slot, input, undefined)
    const { next, answer } = applied(state, input)
    state = next
    return recorded<StateCall>(slot, input, isLost ? undefined : answer)
  })
}

/** The same for claims, by a plain lock that knows the time. */
export function validClaims(random: Random, clients: number, calls: number): ClaimCall[] {
  const lock = plainLock(random)
  const tokens = new Map<string, number>()
  return slots(random, clients, calls).map(slot => {
    const input = anyClaimInput(random, slot.client, tokens.get(slot.client), 1 + random.below(40))
    const output = lock(input, slot.takesEffectAt)
    if (output.is === 'granted') tokens.set(slot.client, output.token)
    return recorded<ClaimCall>(slot, input, output)
  })
}

/** Writes `value`, deletes or reads; most conditions fit the version that is known. */
export function anyStateInput(random: Random, knownVersion: number, value: string): RegisterInput {
  const what = random.next()
  const expected = random.chance(0.8) ? knownVersion : Math.max(0, knownVersion - 1)
  if (what < 0.35) return { do: 'get' }
  if (what < 0.55) return { do: 'put', value: random.chance(0.3) ? [value] : value }
  if (what < 0.8) return { do: 'put', value, expected }
  if (what < 0.92) return { do: 'put', value, mode: 'append' }
  return random.chance(0.5) || expected === 0 ? { do: 'delete' } : { do: 'delete', expected }
}

/** Claims, renews with and without the token last known (it may be an old one), gives up, looks. */
export function anyClaimInput(random: Random, who: string, token: number | undefined, ttlMs: number): LockInput {
  const what = random.next()
  if (what < 0.2) return { do: 'look' }
  if (what < 0.6 || token === undefined) return { do: 'claim', who, ttlMs }
  if (what < 0.75) return { do: 'claim', who, ttlMs, token }
  return random.chance(0.5) ? { do: 'release', who } : { do: 'release', who, token }
}

function plainLock(random: Random): (input: LockInput, now: number) => LockOutput {
  let lastToken = 0
  let held: { by: string; token: number; expiresAt: number } | undefined
  return (input, now) => {
    if (held && held.expiresAt <= now) held = undefined
    if (input.do === 'look') return held ? { is: 'seen', ...held } : { is: 'nobody' }
    const own = held?.by === input.who && (input.token ?? held.token) === held.token ? held : undefined
    if (!own && (input.do === 'release' || input.token !== undefined)) return { is: 'not_in_force' }
    if (input.do === 'release') {
      held = undefined
      return { is: 'released', token: own!.token }
    }
    if (held && !own) return { is: 'held', by: held.by, expiresAt: held.expiresAt }
    if (!own) lastToken += 1 + random.below(3)
    held = { by: input.who, token: lastToken, expiresAt: now + input.ttlMs }
    return { is: 'granted', token: lastToken, expiresAt: held.expiresAt, renewed: own !== undefined }
  }
}

/** When a call was made, took effect and was answered. Calls of one client follow each other; clients overlap. */
interface Slot {
  readonly client: string
  readonly calledAt: number
  readonly takesEffectAt: number
  readonly returnedAt: number
}

function slots(random: Random, clients: number, calls: number): Slot[] {
  return Array.from({ length: clients }, (_, n) => {
    let at = random.next()
    return Array.from({ length: calls }, () => {
      const calledAt = at + random.next() * 2
      const takesEffectAt = calledAt + random.next() * 3
      const returnedAt = takesEffectAt + random.next() * 3
      at = returnedAt
      return { client: `c${n}`, calledAt, takesEffectAt, returnedAt }
    })
  })
    .flat()
    .sort((a, b) => a.takesEffectAt - b.takesEffectAt)
}

function recorded<Call extends Operation<unknown, unknown>>(
  { client, calledAt, returnedAt: answeredAt }: Slot,
  input: Call['input'],
  output: Call['output'],
): Call {
  const returnedAt = output === undefined ? Number.POSITIVE_INFINITY : answeredAt
  return { client, key: 'k', input, output, calledAt, calledMs: calledAt, returnedAt, returnedMs: returnedAt } as Call
}
