import { LIMITS } from '../../bus/limits.ts'
import type { Session } from '../../bus/session.ts'
import type { Commands } from '../../bus/store.ts'
import { sessionIn } from './sessions.ts'
import { byText, joined, type Subscription, type Tables } from './tables.ts'

export function followedBy(tables: Tables, sessionId: string): Subscription[] {
  return [...tables.subscriptions.values()].filter(each => each.following && each.sessionId === sessionId)
}

function followersOf(tables: Tables, channel: string): Subscription[] {
  return [...tables.subscriptions.values()].filter(each => each.following && each.channel === channel)
}

export function follow(tables: Tables, now: number, needs: Commands['follow']['needs']) {
  const { id } = sessionIn(tables, needs.sessionId)
  const wanted = new Set(needs.channels)
  const present = followedBy(tables, id).map(each => each.channel)
  const added = [...wanted].filter(channel => !present.includes(channel))
  const removed = present.filter(channel => !wanted.has(channel)).sort(byText)
  const backfillFrom = [...tables.events.values()].filter(event => event.at <= now - needs.backfillMs).at(-1)?.id ?? 0
  for (const channel of added) {
    const key = joined(id, channel)
    const start = channel === `session:${id}` ? 0 : backfillFrom
    const position = Math.max(start, tables.subscriptions.get(key)?.position ?? 0)
    tables.subscriptions.set(key, { sessionId: id, channel, position, following: true })
  }
  for (const channel of removed) {
    const key = joined(id, channel)
    tables.subscriptions.set(key, { ...tables.subscriptions.get(key)!, following: false })
  }
  const former = [...tables.subscriptions].filter(([, each]) => each.sessionId === id && !each.following)
  former.sort(([, a], [, b]) => b.position - a.position || byText(a.channel, b.channel))
  for (const [key] of former.slice(LIMITS.formerChannels)) tables.subscriptions.delete(key)
  return { added, removed }
}

export function isFollowed(tables: Tables, channel: string): boolean {
  return followersOf(tables, channel).length > 0
}

/** In the order of registration. */
export function followers(tables: Tables, channels: readonly string[], limit: number): Session[] {
  const ids = new Set(channels.flatMap(channel => followersOf(tables, channel).map(each => each.sessionId)))
  return [...tables.sessions.values()]
    .filter(session => session.endedAt === undefined && ids.has(session.id))
    .slice(0, limit)
}

export function channelsIn(tables: Tables): { channel: string; followers: number }[] {
  const counts = new Map<string, number>()
  for (const { sessionId, channel, following } of tables.subscriptions.values()) {
    if (!following || channel.startsWith('session:') || tables.sessions.get(sessionId)?.endedAt !== undefined) continue
    counts.set(channel, (counts.get(channel) ?? 0) + 1)
  }
  return [...counts]
    .map(([channel, followers]) => ({ channel, followers }))
    .sort((a, b) => byText(a.channel, b.channel))
}
