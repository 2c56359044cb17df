import type { Operation } from './checker.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import type { RegisterInput, RegisterOutput } from './models/register.ts'
import type { Random } from './random.ts'

type StateCall = Operation<RegisterInput, RegisterOutput>
type ClaimCall = Operation<LockInput, LockOutput>

/** Makes a wrong history of a right one; undefined where it finds nothing to spoil. */
export type Mutation<Call> = (random: Random, history: readonly Call[]) => Call[] | undefined

/** Later than every claim of a generated history lasts. */
const LATER = 1_000

export const stateMutations: Record<string, Mutation<StateCall>> = {
  'a stale read at the end': (_, history) => {
    const last = lastVersion(history)
    const old = writes(history).find(each => each.output.version < last)
    return old && [...history, late(history, { do: 'get' }, { ...old.output, is: 'found' })]
  },
  'one version for two writes': (random, history) => {
    const [all, one] = [writes(history), random.pick(writes(history))]
    const other = all.find(each => each !== one)
    if (!one || !other) return undefined
    return replaced(history, one, { ...one, output: { ...one.output, version: other.output.version } })
  },
  'a version that nobody wrote': (random, history) => {
    const read = random.pick(history.filter(each => each.output?.is === 'found'))
    return read && replaced(history, read, { ...read, output: { is: 'found', version: 1e6, value: 'x' } })
  },
  'an acknowledged write is forgotten': (_, history) => {
    const all = writes(history)
    const isUnsure = history.some(each => each.output === undefined)
    return isUnsure || all.length < 2 ? undefined : history.filter(each => each !== all[0])
  },
  'a stale compare-and-set wins at the end': (_, history) => {
    const version = lastVersion(history) + history.length
    const input: RegisterInput = { do: 'put', value: 'x', expected: version + 7 }
    return [...history, late(history, input, { is: 'written', version, value: 'x' })]
  },
  'something is seen before everything': (_, history) => {
    const write = writes(history)[0]
    const first = Math.min(...history.map(each => each.calledAt))
    if (!write) return undefined
    return [
      ...history,
      { ...write, input: { do: 'get' }, output: { ...write.output, is: 'found' }, ...during(first - 2, first - 1) },
    ]
  },
}

export const claimMutations: Record<string, Mutation<ClaimCall>> = {
  'two holders at the end': (_, history) => [
    ...history,
    claimedLate(history, 'one', { token: 1e6, at: LATER, ttlMs: 50 }),
    claimedLate(history, 'two', { token: 1e6 + 1, at: LATER + 10, ttlMs: 50 }),
  ],
  'a token goes back at the end': (_, history) => {
    const token = tokenOf(history)
    return token === undefined ? undefined : [...history, claimedLate(history, 'one', { token, at: LATER, ttlMs: 50 })]
  },
  'a renewal changes the token': (random, history) => {
    const one = random.pick(history.filter(each => each.output?.is === 'granted' && each.output.renewed))
    return one && replaced(history, one, { ...one, output: { ...one.output, token: 1e6 } as LockOutput })
  },
  'refused when all is long over': (_, history) => {
    const input: LockInput = { do: 'claim', who: 'one', ttlMs: 5 }
    return [...history, late(history, input, { is: 'held', by: 'c0', expiresAt: endOf(history) + 5 }, LATER)]
  },
  'an old token renews at the end': (_, history) => {
    const grant = history.find(each => each.output?.is === 'granted')
    const token = tokenOf(history)
    if (!grant || token === undefined) return undefined
    const renewal = claimedLate(history, grant.client, { token, at: LATER, ttlMs: 5 })
    const output = { ...renewal.output, renewed: true } as LockOutput
    return [...history, { ...renewal, input: { do: 'claim', who: grant.client, ttlMs: 5, token }, output }]
  },
  'a stranger releases at the end': (_, history) => [
    ...history,
    late(history, { do: 'release', who: 'stranger' }, { is: 'released', token: tokenOf(history) ?? 1 }),
  ],
}

type Write = StateCall & { readonly output: Extract<RegisterOutput, { is: 'written' }> }

function writes(history: readonly StateCall[]): Write[] {
  return history.filter((each): each is Write => each.output?.is === 'written')
}

function lastVersion(history: readonly StateCall[]): number {
  return Math.max(0, ...history.map(each => (each.output && 'version' in each.output ? each.output.version : 0)))
}

/** The token of the first grant. */
function tokenOf(history: readonly ClaimCall[]): number | undefined {
  const grant = history.find(each => each.output?.is === 'granted')
  return grant && (grant.output as { token: number }).token
}

function claimedLate(
  history: readonly ClaimCall[],
  who: string,
  { token, at, ttlMs }: { token: number; at: number; ttlMs: number },
): ClaimCall {
  const expiresAt = endOf(history) + at + 1 + ttlMs
  return late(history, { do: 'claim', who, ttlMs }, { is: 'granted', token, expiresAt, renewed: false }, at)
}

function late<Input, Output>(
  history: readonly Operation<Input, Output>[],
  input: Input,
  output: Output,
  afterMs = 1,
): Operation<Input, Output> {
  const from = endOf(history) + afterMs
  return { client: 'late', key: history[0]!.key, input, output, ...during(from, from + 2) }
}

function endOf(history: readonly Operation<unknown, unknown>[]): number {
  return Math.max(...history.map(each => (each.output === undefined ? each.calledAt : each.returnedAt)))
}

function during(from: number, to: number) {
  return { calledAt: from, calledMs: from, returnedAt: to, returnedMs: to }
}

function replaced<T>(list: readonly T[], one: T, by: T): T[] {
  return list.map(each => (each === one ? by : each))
}
