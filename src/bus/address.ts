import { isOwnSession } from './own-sessions.ts'
import { quoted, say } from './say.ts'

/**
 * Addresses. What a sender writes (`backend`, `role:reviewer`, `all`) is parsed here; which session a name means is
 * looked up by the caller. What an event carries is a channel: `all`, `repo:R`, `machine:M`, `role:R`, `topic:T`,
 * `session:S` with a session id.
 */
export type Address =
  | { readonly kind: 'all' }
  | { readonly kind: 'repo' | 'machine' | 'role' | 'topic'; readonly value: string }
  /** A name, codename or session id. */
  | { readonly kind: 'session'; readonly value: string }

const GROUP_KINDS = new Set(['repo', 'machine', 'role', 'topic', 'session'])

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly message: string }

export function parseAddress(text: string): ParsedAddress {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: false, message: 'expected a name, `all` or `kind:value`, got an empty address' }
  if (trimmed.toLowerCase() === 'all') return { ok: true, address: { kind: 'all' } }
  const colon = trimmed.indexOf(':')
  const kind = trimmed.slice(0, colon).toLowerCase()
  if (colon > 0 && GROUP_KINDS.has(kind)) {
    const value = trimmed.slice(colon + 1).trim()
    if (value === '' || /\s/.test(value)) {
      return {
        ok: false,
        message: say`expected a value without blanks after ${`${kind}:`}, got ${quoted(trimmed)}`.text,
      }
    }
    return { ok: true, address: { kind, value } as Address }
  }
  return { ok: true, address: { kind: 'session', value: trimmed.startsWith('@') ? trimmed.slice(1) : trimmed } }
}

export function channelOf(address: Address): string {
  return address.kind === 'all' ? 'all' : `${address.kind}:${address.value}`
}

/** Whether it is one session's own channel: mail there waits for it also after it has ended. */
export function isOfOneSession(channel: string): boolean {
  return channel.startsWith('session:')
}

/** The channels that a session's facts make it follow. */
export function channelsOf(session: {
  id: string
  repo?: string
  machine?: string
  role?: string
  topics: readonly string[]
}): string[] {
  const own = `session:${session.id}`
  if (isOwnSession(session)) return [own]
  return [
    'all',
    own,
    ...(session.repo ? [`repo:${session.repo}`] : []),
    ...(session.machine ? [`machine:${session.machine}`] : []),
    ...(session.role ? [`role:${session.role}`] : []),
    ...session.topics.map(topic => `topic:${topic}`),
  ]
}
