import { setTimeout as sleep } from 'node:timers/promises'
import { BusError } from '../bus/errors.ts'
import type { Event } from '../bus/event.ts'
import type { CallContext } from '../transports/mcp/server.ts'
import { followMail } from './follow-mail.ts'
import { createMembership, isUnknown, type Joined, type MembershipOptions } from './membership.ts'
import { whileHubLives } from './while-hub-lives.ts'

/** A session's tie to the hub: its calls, and the stream that brings its mail. */
export interface HubLink {
  call(operation: string, input: Record<string, unknown>, context: CallContext): Promise<unknown>
  /** Mail for this session as it comes; it is still unread. */
  onMail(listener: (events: readonly Event[]) => void): void
  close(): Promise<void>
}

/** The longest a tool waits for a hub that is away: two seconds, less what a loaded machine adds. */
const AWAY_MS = 1_500

export function createHubLink(options: Omit<MembershipOptions, 'signal'>): HubLink {
  const closing = new AbortController()
  const { signal } = closing
  const membership = createMembership({ ...options, signal })
  const listeners = new Set<(events: readonly Event[]) => void>()
  const onMail = (events: readonly Event[]) => {
    for (const listener of listeners) listener(events)
  }
  const following = followMail({ membership, onMail, log: options.log, signal })

  async function call(operation: string, input: Record<string, unknown>, context: CallContext): Promise<unknown> {
    const deadline = Date.now() + AWAY_MS
    const leftMs = () => Math.max(1, deadline - Date.now())
    const session = await within(leftMs(), membership.join('start'))
    const body = operation === 'register' ? { ...input, facts: await options.facts } : input
    const key = context.toolUseId === undefined ? {} : { key: context.toolUseId }
    const perform = ({ client }: Joined) =>
      whileHubLives(client, context.signal, signal =>
        client.request('POST', `/v1/${operation}`, { body, signal, deadlineMs: leftMs(), ...key }),
      )
    try {
      return await perform(session)
    } catch (error) {
      if (!isUnknown(error) || membership.hasLeft) throw error
      membership.drop(session)
      return await perform(await within(leftMs(), membership.join('start')))
    }
  }

  return {
    async call(operation, input, context) {
      const output = await call(operation, input, context)
      if (operation === 'unregister' && input.session === undefined) membership.leave()
      if (operation === 'register') membership.comeBack()
      return output
    },
    onMail: listener => void listeners.add(listener),
    async close() {
      closing.abort()
      await following
      await membership.close()
    },
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timer = new AbortController()
  // Goes on in the background when the time is up; then nobody is left to hear how it failed.
  promise.catch(() => undefined)
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new BusError('hub_unavailable', 'the hub is not there yet', {
      next: 'Go on with your work and try again in a moment: it is being started.',
    })
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}
