import type { Operation } from './checker.ts'
import { anyClaimInput, anyStateInput } from './generate.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import type { RegisterInput, RegisterOutput } from './models/register.ts'
import type { Random } from './random.ts'
import { createRecorder } from './recorder.ts'

/** One client of whatever is under test. It rejects where no answer came. */
export interface BusClient {
  /** As which claims know it. */
  readonly name: string
  state(key: string, input: RegisterInput): Promise<RegisterOutput>
  claim(path: string, input: LockInput): Promise<LockOutput>
}

export interface Load {
  readonly stateKeys: number
  readonly claimKeys: number
  readonly callsPerKey: number
  readonly ttlMs: (random: Random) => number
  /** Between two calls of a client, so that their calls overlap in many ways and claims come to their end. */
  readonly pause: (random: Random) => Promise<void>
  /** The clock that claims end by. */
  readonly nowMs?: () => number
  readonly onCall?: () => void
}

export interface Histories {
  readonly state: readonly Operation<RegisterInput, RegisterOutput>[]
  readonly claims: readonly Operation<LockInput, LockOutput>[]
}

/** Lets all clients call at once, each one call after the other and the keys in a random order. */
export async function runLoad(random: Random, clients: readonly BusClient[], load: Load): Promise<Histories> {
  const state = createRecorder<RegisterInput, RegisterOutput>(load.nowMs)
  const claims = createRecorder<LockInput, LockOutput>(load.nowMs)
  /** Versions last heard of, by anyone: so most compare-and-sets meet a rival rather than a long-gone version. */
  const versions = new Map<string, number>()
  let values = 0

  async function callState(client: BusClient, key: string): Promise<void> {
    const input = anyStateInput(random, versions.get(key) ?? 0, `${client.name}#${values++}`)
    const output = await state.call(client.name, key, input, () => client.state(key, input), input.do !== 'get')
    if (output && 'version' in output) versions.set(key, output.is === 'deleted' ? 0 : output.version)
  }

  async function callClaim(client: BusClient, tokens: Map<string, number>, path: string): Promise<void> {
    const input = anyClaimInput(random, client.name, tokens.get(path), load.ttlMs(random))
    const output = await claims.call(client.name, path, input, () => client.claim(path, input), input.do !== 'look')
    if (output?.is === 'granted') tokens.set(path, output.token)
  }

  async function callAll(client: BusClient): Promise<void> {
    const tokens = new Map<string, number>()
    for (const call of shuffled(random, planned(load))) {
      await (call.kind === 'state' ? callState(client, call.key) : callClaim(client, tokens, call.key))
      load.onCall?.()
      await load.pause(random)
    }
  }

  await Promise.all(clients.map(callAll))
  return { state: state.history, claims: claims.history }
}

function planned({ stateKeys, claimKeys, callsPerKey }: Load): { kind: 'state' | 'claim'; key: string }[] {
  const state = Array.from(
    { length: stateKeys * callsPerKey },
    (_, n) => ({ kind: 'state', key: `s${n % stateKeys}` }) as const,
  )
  const claims = Array.from(
    { length: claimKeys * callsPerKey },
    (_, n) => ({ kind: 'claim', key: `c${n % claimKeys}` }) as const,
  )
  return [...state, ...claims]
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const deck = [...list]
  for (let n = deck.length - 1; n > 0; n--) {
    const other = random.below(n + 1)
    ;[deck[n], deck[other]] = [deck[other]!, deck[n]!]
  }
  return deck
}
