import { type Event, isUrgent } from '../bus/event.ts'
import { LIMITS } from '../bus/limits.ts'

/** How far apart an answer and the stream may tell of one message. */
const CROSSING_MS = 250

/** What the hub says of a session's mail. */
export interface MailCount {
  readonly unread: number
  /** Some of it may ring. */
  readonly urgent: boolean
  /** The newest event that there was when it was counted; an older hub does not say. */
  readonly newest?: number
}

/**
 * What this process believes to be unread: the hub's last word, and what the stream has brought that is not counted in
 * it. It may be too much (something was read since), so it decides whether to ask the hub, never what is said of single
 * messages.
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
  arrived(event: Pick<Event, 'id' | 'urgency'>): void
  /** To be called when a question is asked; the function that it gives takes the answer. */
  asking(): (answer: MailCount) => void
  /**
   * The agent is told, in a digest, of all that the latest answer counted. Some of it `mayFit` into the next answer.
   * `newestUrgent` is the newest of it that may ring, where the answer says so. Says whether it tells of anything that no
   * digest has told of, and of any such that may ring.
   */
  digested(what: { mayFit: boolean; newestUrgent: number | undefined }): { isNew: boolean; isUrgent: boolean }
  /** What was known is void: what had been read may be unread again. */
  forget(): void
}

export function createMailbox(): Mailbox {
  let streamed = 0
  /** The newest that came by the stream and may ring. */
  let newestUrgent = 0
  /** What came since the question was asked that `counted` answers. */
  let recent: Pick<Event, 'id' | 'urgency'>[] = []
  let questions = 0
  let answeredQuestion = 0
  let newest = 0
  let counted: MailCount | undefined
  let inDigest = 0
  /** All up to here that was unread stood in a digest. */
  let digestUpTo = 0
  /** All up to here seems to be in the digest or to be read. */
  let knownUpTo = 0
  /** Some of what is in the digest may be given whole, if it is asked for. */
  let mayFit = false
  let touchedAt = performance.now()
  let isCertain = false

  const uncounted = () => recent.filter(({ id }) => id > newest)
  const unread = () => (counted?.unread ?? 0) + uncounted().length

  function undigest(): void {
    newestUrgent = 0
    inDigest = 0
    digestUpTo = 0
    knownUpTo = 0
    mayFit = false
  }

  return {
    get unread() {
      return unread()
    },
    get mayHaveNews() {
      return counted === undefined || mayFit || unread() > inDigest
    },
    get mayHaveUrgentNews() {
      if (counted === undefined || (mayFit && counted.urgent)) return true
      if (unread() <= inDigest) return false
      // What was counted stands in the digest, where there is one: only what came since is news.
      return inDigest > 0 ? newestUrgent > knownUpTo : counted.urgent || uncounted().some(isUrgent)
    },
    get isCertain() {
      return isCertain && unread() > inDigest
    },
    get mark() {
      return `${streamed} ${unread()}`
    },
    arrived(event) {
      streamed++
      if (isUrgent(event)) newestUrgent = event.id
      // No more than an answer would count.
      recent = [...recent, event].slice(-LIMITS.pendingCount)
      if (isUrgent(event) && event.id > newest && performance.now() - touchedAt > CROSSING_MS) isCertain = true
    },
    asking() {
      const question = ++questions
      const known = streamed
      isCertain = false
      touchedAt = performance.now()
      return answer => {
        touchedAt = performance.now()
        // An answer to an older question than the last one that was answered knows less.
        if (question < answeredQuestion) return
        answeredQuestion = question
        // A store that has begun anew gives its ids anew.
        newest = answer.newest ?? 0
        if (newest < digestUpTo) undigest()
        counted = answer
        const since = streamed - known
        recent = since === 0 ? [] : recent.slice(-since)
        inDigest = Math.min(inDigest, answer.unread)
        if (answer.unread <= inDigest) knownUpTo = newest
      }
    },
    digested(what) {
      const all = counted?.unread ?? 0
      const isUrgentNew =
        counted?.urgent === true && (inDigest === 0 || (what.newestUrgent ?? newestUrgent) > digestUpTo)
      const news = { isNew: isUrgentNew || all > inDigest, isUrgent: isUrgentNew }
      inDigest = all
      digestUpTo = newest
      knownUpTo = newest
      mayFit = what.mayFit
      return news
    },
    forget() {
      counted = undefined
      undigest()
    },
  }
}
