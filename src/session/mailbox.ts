import type { Event } from '../bus/event.ts'

/** How far apart an answer and the stream may tell of one message. */
const CROSSING_MS = 250

/** What the hub says of a session's mail. */
export interface MailCount {
  readonly unread: number
  /** Some of it may ring. */
  readonly urgent: boolean
}

/**
 * What this process believes to be unread: the hub's last word, and what the stream has brought since the question to
 * it was asked. It may be too much (the answer and the stream told of the same message), so it decides whether to ask
 * the hub, never what is said to anybody.
 */
export interface Mailbox {
  readonly unread: number
  /** Something that the agent has not been told of in any way; also when nothing is known yet. */
  readonly mayHaveNews: boolean
  readonly mayHaveUrgentNews: boolean
  /** That there is some needs no asking: it came when no answer could have told of the same. */
  readonly isCertain: boolean
  /** Grows with all that comes and changes with all that is read: where it stays, nothing has happened. */
  readonly mark: string
  arrived(event: Pick<Event, 'urgency'>): void
  /** To be called when a question is asked; the function that it gives takes the answer. */
  asking(): (answer: MailCount) => void
  /** The agent has been told, in a digest, of all that the latest answer counted. */
  digested(): void
  /** What was known is void: what had been read may be unread again. */
  forget(): void
}

export function createMailbox(): Mailbox {
  const streamed = { all: 0, urgent: 0 }
  /** What had been streamed when the question was asked that `counted` answers. */
  let base = { all: 0, urgent: 0 }
  let counted: MailCount | undefined
  let inDigest = 0
  /** Of those that may ring and had been streamed, so many are in the digest or were read. */
  let urgentInDigest = 0
  let touchedAt = performance.now()
  let isCertain = false

  const unread = () => (counted?.unread ?? 0) + streamed.all - base.all
  return {
    get unread() {
      return unread()
    },
    get mayHaveNews() {
      return counted === undefined || unread() > inDigest
    },
    get mayHaveUrgentNews() {
      if (counted === undefined) return true
      if (unread() <= inDigest) return false
      // What was counted stands in the digest, where there is one: only what came since is news.
      return inDigest > 0 ? streamed.urgent > urgentInDigest : counted.urgent || streamed.urgent > base.urgent
    },
    get isCertain() {
      return isCertain && unread() > inDigest
    },
    get mark() {
      return `${streamed.all} ${unread()}`
    },
    arrived({ urgency }) {
      streamed.all++
      if (urgency === 'quiet') return
      streamed.urgent++
      if (performance.now() - touchedAt > CROSSING_MS) isCertain = true
    },
    asking() {
      const asked = { ...streamed }
      isCertain = false
      touchedAt = performance.now()
      return answer => {
        touchedAt = performance.now()
        // An answer to an older question than the last one that was answered knows less.
        if (asked.all < base.all) return
        base = asked
        counted = answer
        inDigest = Math.min(inDigest, answer.unread)
        if (answer.unread <= inDigest) urgentInDigest = asked.urgent
      }
    },
    digested() {
      inDigest = counted?.unread ?? 0
      urgentInDigest = base.urgent
    },
    forget() {
      counted = undefined
      inDigest = 0
    },
  }
}
