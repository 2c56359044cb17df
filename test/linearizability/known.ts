import type { Operation } from './checker.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import type { RegisterInput, RegisterOutput } from './models/register.ts'

/** Histories whose verdict is known by thinking. A span `2-5` is a call at 2 answered at 5, `2-` one never answered. */
interface Known<Input, Output> {
  readonly what: string
  readonly verdict: 'ok' | 'violation'
  readonly history: readonly Operation<Input, Output>[]
}
type Call<Input, Output> = readonly [client: string, span: string, input: Input, output?: Output]

function known<Input, Output>(verdict: 'ok' | 'violation') {
  return (what: string, ...calls: Call<Input, Output>[]): Known<Input, Output> => ({
    what,
    verdict,
    history: calls.map(([client, span, input, output]) => {
      const [from, to] = span.split('-')
      const [calledAt, returnedAt] = [Number(from), to ? Number(to) : Number.POSITIVE_INFINITY]
      return { client, key: 'k', input, output, calledAt, returnedAt, calledMs: calledAt, returnedMs: returnedAt }
    }),
  })
}

const get: RegisterInput = { do: 'get' }
const put = (value: unknown, expected?: number): RegisterInput =>
  expected === undefined ? { do: 'put', value } : { do: 'put', value, expected }
const append = (value: unknown): RegisterInput => ({ do: 'put', value, mode: 'append' })
const remove = (expected?: number): RegisterInput =>
  expected === undefined ? { do: 'delete' } : { do: 'delete', expected }
const wrote = (version: number, value: unknown): RegisterOutput => ({ is: 'written', version, value })
const found = (version: number, value: unknown): RegisterOutput => ({ is: 'found', version, value })
const deleted = (version: number): RegisterOutput => ({ is: 'deleted', version })
const stale = (version: number): RegisterOutput => ({ is: 'stale', version })
const none: RegisterOutput = { is: 'none' }

const goodState = known<RegisterInput, RegisterOutput>('ok')
const badState = known<RegisterInput, RegisterOutput>('violation')

// biome-ignore format: one call of a history per column reads like a timeline.
export const knownState: readonly Known<RegisterInput, RegisterOutput>[] = [
  goodState('nothing happened but a read', ['a', '1-2', get, none]),
  goodState('a write, then a read of it', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', get, found(1, 'x')]),
  goodState('writes at once, the later invoked first', ['a', '1-9', put('x'), wrote(2, 'x')], ['b', '2-8', put('y'), wrote(1, 'y')]),
  goodState('a read during a write sees the old', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-9', put('y'), wrote(2, 'y')], ['b', '4-5', get, found(1, 'x')]),
  goodState('a read during a write sees the new', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-9', put('y'), wrote(2, 'y')], ['b', '4-5', get, found(2, 'y')]),
  goodState('an unanswered write is seen', ['a', '1-', put('x')], ['b', '2-3', get, found(1, 'x')]),
  goodState('an unanswered write never happens', ['a', '1-', put('x')], ['b', '2-3', get, none]),
  goodState('an unanswered write takes effect late', ['a', '1-', put('x')], ['b', '2-3', get, none], ['b', '4-5', get, found(1, 'x')]),
  goodState('an unanswered write is overwritten unseen', ['a', '1-', put('x')], ['b', '2-3', put('y'), wrote(2, 'y')]),
  goodState('of two compare-and-sets one wins', ['a', '1-5', put('x', 0), wrote(1, 'x')], ['b', '2-6', put('y', 0), stale(1)]),
  goodState('versions go on counting through a deletion', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', remove(1), deleted(2)], ['a', '5-6', put('y', 0), wrote(3, 'y')]),
  goodState('appends at once are both kept', ['a', '1-5', append(1), wrote(1, [1])], ['b', '2-6', append(2), wrote(2, [1, 2])]),
  goodState('appending to a number is refused', ['a', '1-2', put(7), wrote(1, 7)], ['b', '3-4', append(1), { is: 'not_appendable' }]),

  badState('lost update: two writes get one version', ['a', '1-5', put('x'), wrote(1, 'x')], ['b', '2-6', put('y'), wrote(1, 'y')]),
  badState('lost update: two compare-and-sets win', ['a', '1-5', put('x', 0), wrote(1, 'x')], ['b', '2-6', put('y', 0), wrote(2, 'y')]),
  badState('lost update: an acknowledged write leaves no trace', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', get, none]),
  badState('lost update: an append forgets another', ['a', '1-5', append(1), wrote(1, [1])], ['b', '2-6', append(2), wrote(2, [2])]),
  badState('stale read after an acknowledged write', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', put('y'), wrote(2, 'y')], ['b', '5-6', get, found(1, 'x')]),
  badState('stale read by the writer itself', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', get, none]),
  badState('reads go back while writes run', ['a', '1-20', put('x'), wrote(1, 'x')], ['b', '2-21', put('y'), wrote(2, 'y')], ['c', '3-4', get, found(2, 'y')], ['c', '5-6', get, found(1, 'x')]),
  badState('two readers disagree on the order', ['a', '1-20', put('x'), wrote(1, 'x')], ['b', '2-4', get, found(1, 'x')], ['c', '5-6', get, none]),
  badState('a version that nobody wrote', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', get, found(2, 'x')]),
  badState('a value that nobody wrote', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', get, found(1, 'z')]),
  badState('a refused write is seen', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', put('y', 7), stale(1)], ['b', '5-6', get, found(1, 'y')]),
  badState('a retried write happens twice', ['a', '1-2', put('x'), wrote(2, 'x')], ['b', '3-4', get, found(2, 'x')]),
  badState('an unanswered write happens twice', ['a', '1-', put('x')], ['b', '2-3', put('y'), wrote(2, 'y')], ['c', '4-5', get, found(3, 'x')]),
  badState('a write is seen before it was asked for', ['b', '1-2', get, found(1, 'x')], ['a', '3-4', put('x'), wrote(1, 'x')]),
  badState('an unanswered write is seen before it was asked for', ['b', '1-2', get, found(1, 'x')], ['a', '3-', put('x')]),
  badState('a fitting compare-and-set is refused', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', put('y', 1), stale(1)]),
  badState('a stale compare-and-set wins', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', put('y'), wrote(2, 'y')], ['b', '5-6', put('z', 1), wrote(3, 'z')]),
  badState('"only if there is none" wins over an entry', ['a', '1-2', put('x'), wrote(1, 'x')], ['b', '3-4', put('y', 0), wrote(2, 'y')]),
  badState('a refusal tells an old version', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', put('y'), wrote(2, 'y')], ['b', '5-6', put('z', 7), stale(1)]),
  badState('a deleted entry is read', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', remove(), deleted(2)], ['b', '5-6', get, found(1, 'x')]),
  badState('versions begin anew after a deletion', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', remove(), deleted(2)], ['b', '5-6', put('y'), wrote(1, 'y')]),
  badState('one entry is deleted twice', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-8', remove(), deleted(2)], ['b', '4-9', remove(), deleted(2)]),
  badState('a stale deletion succeeds', ['a', '1-2', put('x'), wrote(1, 'x')], ['a', '3-4', put('y'), wrote(2, 'y')], ['b', '5-6', remove(1), deleted(3)]),
  badState('what is not there is deleted', ['a', '1-2', remove(), deleted(1)]),
  badState('an append happens twice', ['a', '1-2', append(1), wrote(1, [1])], ['b', '3-4', get, found(1, [1, 1])]),
  badState('an append to a number is answered as done', ['a', '1-2', put(7), wrote(1, 7)], ['b', '3-4', append(1), wrote(2, [7, 1])]),
  badState('an append to a list is refused', ['a', '1-2', append(1), wrote(1, [1])], ['b', '3-4', append(2), { is: 'not_appendable' }]),
  badState('an answer shows another write', ['a', '1-5', put('x'), wrote(1, 'y')], ['b', '2-6', put('y'), wrote(2, 'y')]),
]

const take = (who: string, ttlMs: number, token?: number): LockInput =>
  token === undefined ? { do: 'claim', who, ttlMs } : { do: 'claim', who, ttlMs, token }
const free = (who: string, token?: number): LockInput =>
  token === undefined ? { do: 'release', who } : { do: 'release', who, token }
const look: LockInput = { do: 'look' }
const granted = (token: number, expiresAt: number): LockOutput => ({ is: 'granted', token, expiresAt, renewed: false })
const renewed = (token: number, expiresAt: number): LockOutput => ({ is: 'granted', token, expiresAt, renewed: true })
const held = (by: string, expiresAt: number): LockOutput => ({ is: 'held', by, expiresAt })
const seen = (by: string, token: number, expiresAt: number): LockOutput => ({ is: 'seen', by, token, expiresAt })
const released = (token: number): LockOutput => ({ is: 'released', token })
const refused: LockOutput = { is: 'not_in_force' }
const nobody: LockOutput = { is: 'nobody' }

const goodClaims = known<LockInput, LockOutput>('ok')
const badClaims = known<LockInput, LockOutput>('violation')

// biome-ignore format: one call of a history per column reads like a timeline.
export const knownClaims: readonly Known<LockInput, LockOutput>[] = [
  goodClaims('taken, given up, taken by another', ['a', '1-3', take('a', 50), granted(1, 52)], ['a', '4-5', free('a'), released(1)], ['b', '6-7', take('b', 50), granted(2, 56)]),
  goodClaims('taken by another when its time is over', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '11-13', take('b', 10), granted(2, 22)]),
  goodClaims('refused as long as it is held', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '11-13', take('b', 10), held('a', 12)]),
  goodClaims('a renewal keeps the token', ['a', '1-3', take('a', 10), granted(4, 12)], ['a', '5-6', take('a', 10, 4), renewed(4, 15)], ['b', '14-14.5', take('b', 10), held('a', 15)]),
  goodClaims('of two at once one gets it', ['a', '1-9', take('a', 10), granted(1, 14)], ['b', '2-8', take('b', 10), held('a', 14)]),
  goodClaims('an unanswered claim holds', ['a', '1-', take('a', 10)], ['b', '5-6', take('b', 10), held('a', 13)]),
  goodClaims('an unanswered claim never happens', ['a', '1-', take('a', 10)], ['b', '5-6', take('b', 10), granted(1, 15)]),
  goodClaims('an unanswered claim shows its token in a renewal', ['a', '1-', take('a', 10)], ['a', '5-6', take('a', 10), renewed(3, 15)]),
  goodClaims('an unanswered renewal holds on', ['a', '1-2', take('a', 10), granted(1, 11)], ['a', '5-', take('a', 10)], ['b', '13-14', look, seen('a', 1, 16)]),
  goodClaims('an unanswered release sets it free', ['a', '1-2', take('a', 50), granted(1, 51)], ['a', '5-', free('a')], ['b', '6-7', take('b', 10), granted(2, 17)]),
  goodClaims('who looks at the end may see either', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '9-13', look, nobody], ['c', '10-14', look, seen('a', 1, 12)]),
  goodClaims('an old token is refused', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', take('b', 10), granted(5, 23)], ['a', '15-16', take('a', 10, 1), refused], ['a', '17-18', free('a', 1), refused]),

  badClaims('two holders', ['a', '1-3', take('a', 50), granted(1, 52)], ['b', '4-5', take('b', 50), granted(2, 54)]),
  badClaims('two holders of two claims at once', ['a', '1-8', take('a', 50), granted(1, 54)], ['b', '2-9', take('b', 50), granted(2, 55)]),
  badClaims('taken before its time is over', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '10-11', take('b', 10), granted(2, 21)]),
  badClaims('one token for two holders', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', take('b', 10), granted(1, 23)]),
  badClaims('a token goes back', ['a', '1-3', take('a', 10), granted(7, 12)], ['b', '13-14', take('b', 10), granted(6, 23)]),
  badClaims('a token goes back after a release', ['a', '1-3', take('a', 10), granted(7, 12)], ['a', '4-5', free('a', 7), released(7)], ['b', '6-7', take('b', 10), granted(3, 17)]),
  badClaims('a renewal changes the token', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-5', take('a', 10), renewed(2, 15)]),
  badClaims('the holder is granted what it holds as new', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-5', take('a', 10), granted(2, 15)]),
  badClaims('an old token renews', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', take('b', 10), granted(2, 23)], ['a', '15-16', take('a', 10, 1), renewed(1, 26)]),
  badClaims('a claim renews after its end', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '13-14', take('a', 10), renewed(1, 23)]),
  badClaims('an expired token gets a new claim', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '13-14', take('a', 10, 1), granted(2, 23)]),
  badClaims('refused though nobody ever held it', ['a', '1-3', take('a', 10), held('b', 12)]),
  badClaims('refused though it was given up', ['a', '1-3', take('a', 50), granted(1, 52)], ['a', '4-5', free('a'), released(1)], ['b', '6-7', take('b', 10), held('a', 52)]),
  badClaims('refused though its time is over', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', take('b', 10), held('a', 12)]),
  badClaims('refused in the name of the wrong holder', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '4-5', take('b', 10), held('c', 12)]),
  badClaims('refused with another end than was promised', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '4-5', take('b', 10), held('a', 40)]),
  badClaims('an acknowledged renewal is forgotten', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '5-6', take('a', 10), renewed(1, 15)], ['b', '12-13', take('b', 10), granted(2, 23)]),
  badClaims("another's claim is released", ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '4-5', free('b'), released(1)]),
  badClaims('an old token releases', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '13-14', take('a', 10), granted(2, 23)], ['a', '15-16', free('a', 1), released(2)]),
  badClaims('one claim is released twice', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-8', free('a'), released(1)], ['a', '5-9', free('a'), released(1)]),
  badClaims('a release is refused to the holder', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-5', free('a', 1), refused]),
  badClaims('a token in force is refused', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-5', take('a', 10, 1), refused]),
  badClaims('nobody is seen while it is held', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '4-5', look, nobody]),
  badClaims('a holder is seen after its end', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', look, seen('a', 1, 12)]),
  badClaims('a holder is seen after its release', ['a', '1-3', take('a', 10), granted(1, 12)], ['a', '4-5', free('a'), released(1)], ['b', '6-7', look, seen('a', 1, 12)]),
  badClaims('an old token is seen', ['a', '1-3', take('a', 10), granted(1, 12)], ['b', '13-14', take('b', 10), granted(2, 23)], ['c', '15-16', look, seen('b', 1, 23)]),
  badClaims('a claim ends earlier than it can', ['a', '5-6', take('a', 10), granted(1, 13)]),
  badClaims('a claim ends later than it can', ['a', '5-6', take('a', 10), granted(1, 18)]),
  badClaims('an unanswered claim holds before it was asked for', ['b', '1-2', take('b', 10), held('a', 15)], ['a', '3-', take('a', 10)]),
  badClaims('an unanswered claim gets a token of before', ['a', '1-3', take('a', 10), granted(5, 12)], ['b', '13-', take('b', 10)], ['b', '14-15', take('b', 10), renewed(5, 24)]),
]
