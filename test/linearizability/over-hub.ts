import { defined } from '../../src/bus/defined.ts'
import type { BusError, ErrorCode } from '../../src/bus/errors.ts'
import type { Client } from '../../src/client/index.ts'
import type { LockInput, LockOutput } from './models/lock.ts'
import type { RegisterInput, RegisterOutput } from './models/register.ts'
import type { BusClient } from './workload.ts'

const REPO = 'example.com/under-test'

/** The smallest that `claim` takes on the wire is a second. */
export const WIRE_TTL_MS = 1_000

/** Clients that call a hub, each as a session of its own over connections of its own. */
export async function clientsOfHub(connect: () => Client, count: number): Promise<BusClient[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const registered = await connect().call('register', { name: `client-${n}`, facts: { repo: REPO } })
      const client = connect().withCredential(registered.credential)
      return {
        name: registered.name,
        state: (key, input) => state(client, key, input),
        claim: (path, input) => claim(client, path, input),
      } satisfies BusClient
    }),
  )
}

async function state(client: Client, key: string, input: RegisterInput): Promise<RegisterOutput> {
  const condition = 'expected' in input ? { expected_version: input.expected } : {}
  const refusals = { not_found: { is: 'none' }, not_appendable: { is: 'not_appendable' } } as const
  return await answered<RegisterOutput>(
    async () => {
      if (input.do === 'get') {
        const { version, value } = await client.call('get_state', { key })
        return { is: 'found', version, value }
      }
      if (input.do === 'delete') {
        const { version } = await client.call('delete_state', defined({ key, ...condition }))
        return { is: 'deleted', version }
      }
      const { version, value } = await client.call(
        'set_state',
        defined({ key, value: input.value, mode: input.mode, ...condition }),
      )
      return { is: 'written', version, value }
    },
    { ...refusals, stale_version: details => ({ is: 'stale', version: details.current_version as number }) },
  )
}

async function claim(client: Client, path: string, input: LockInput): Promise<LockOutput> {
  const notInForce = { is: 'not_in_force' } as const
  return await answered<LockOutput>(
    async () => {
      if (input.do === 'look') {
        const found = (await client.call('list_claims', { path })).claims.find(each => each.path === path)
        if (!found) return { is: 'nobody' }
        return { is: 'seen', by: found.session, token: found.token, expiresAt: Date.parse(found.expires_at) }
      }
      if (input.do === 'release') {
        await client.call('release', defined({ path, token: input.token }))
        return { is: 'released' }
      }
      const ttlSeconds = input.ttlMs / 1_000
      const given = await client.call('claim', defined({ path, ttl_seconds: ttlSeconds, token: input.token }))
      return { is: 'granted', token: given.token, expiresAt: Date.parse(given.expires_at), renewed: given.renewed }
    },
    {
      not_found: notInForce,
      stale_token: notInForce,
      claim_held: details => ({
        is: 'held',
        by: details.holder as string,
        expiresAt: Date.parse(details.expires_at as string),
      }),
    },
  )
}

type Refusals<Output> = Partial<Record<ErrorCode, Output | ((details: Record<string, unknown>) => Output)>>

/** A refusal that the model knows is an answer; any other error is none. */
async function answered<Output>(call: () => Promise<Output>, refusals: Refusals<Output>): Promise<Output> {
  try {
    return await call()
  } catch (error) {
    const { code, details = {} } = error as Partial<BusError>
    const refusal = code && refusals[code]
    if (refusal === undefined) throw error
    return typeof refusal === 'function' ? (refusal as (details: Record<string, unknown>) => Output)(details) : refusal
  }
}
