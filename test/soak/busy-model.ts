import type { Random } from '../linearizability/random.ts'
import type { ScriptedSession } from './scripted-session.ts'
import { bus, busTool, type Model, type Step } from './session-parts.ts'

export interface Sent {
  readonly id: number
  readonly to: readonly string[]
  readonly isUrgent: boolean
}

/** What is still to be sent in a run, and what has been. */
export interface Post {
  left: number
  readonly sent: Sent[]
  /** Calls of tools that were refused though the hub was there. */
  readonly refused: string[]
}

export interface Draft {
  readonly text: string
  readonly to: string[] | 'all'
  readonly key: string
  readonly urgency?: 'now' | 'idle' | 'quiet'
  readonly reply_to?: number
}

let drafts = 0

export function draft(random: Random, names: readonly string[], replyTo?: number): Draft {
  const key = `draft-${++drafts}`
  const one = random.pick(names)
  const two = random.pick(names)
  const to = random.chance(0.1) ? 'all' : random.chance(0.15) && one !== two ? [one, two] : [one]
  const urgency = random.chance(0.2) ? random.pick(['now', 'idle', 'quiet'] as const) : undefined
  return {
    text: `${key} ${'and so on '.repeat(random.chance(0.1) ? 50 + random.below(200) : 1)}`,
    to,
    key,
    ...(urgency === undefined ? {} : { urgency }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
  }
}

export function noteSent(
  post: Post,
  { to, urgency }: Draft,
  answer: { event_id: number; held?: string | undefined },
): void {
  const isUrgent = (urgency ?? (to === 'all' ? 'quiet' : 'now')) !== 'quiet'
  post.sent.push({ id: answer.event_id, to: to === 'all' || answer.held !== undefined ? [] : to, isUrgent })
}

/** Works with shell and files, looks into its inbox, writes to others and answers some. */
export function busyModel(random: Random, session: ScriptedSession, names: readonly string[], post: Post): Model {
  const others = names.filter(name => name !== session.name)
  /** Nobody knows whether it went out: sent again under its key. */
  const unsure: Step[] = []
  session.onResult = (step, result) => {
    if (busTool(step) === 'publish') {
      const { code } = (result?.structuredContent?.error ?? {}) as { code?: string }
      const text = result?.content?.[0]?.text ?? ''
      if (result === undefined || code === 'hub_unavailable' || (result.isError && text.includes('hub')))
        unsure.push(step)
      else if (result.isError) post.refused.push(`publish: ${text}`)
      else noteSent(post, step.input as unknown as Draft, result.structuredContent as { event_id: number })
    }
  }

  function publish(): Step[] {
    if (unsure.length > 0) return [unsure.shift()!]
    if (post.left <= 0) return []
    post.left--
    const { news } = session
    const replyTo = news.length > 0 && random.chance(0.3) ? random.pick(news) : undefined
    return [bus('publish', { ...draft(random, others, replyTo) })]
  }

  function step(): Step[] {
    if (session.hasDigest && random.chance(0.6)) return [bus('inbox', { limit: 5 + random.below(50) })]
    if (random.chance(0.35)) return publish()
    if (random.chance(0.1)) return [bus('inbox', { limit: 1 + random.below(30) })]
    if (random.chance(0.1)) return [{ tool: 'Edit', input: { file_path: `/srv/project/${random.below(5)}.ts` } }]
    const command = random.chance(0.1) ? 'git status' : 'make'
    return [{ tool: 'Bash', input: { command }, ms: random.below(120) }]
  }

  return (_, round) => {
    if (unsure.length > 0) return publish()
    if (round > 6 || random.chance(0.4)) return []
    return random.chance(0.2) ? [...step(), ...step()] : step()
  }
}
