import { joined, type Said, say } from '../../../bus/say.ts'
import type { OutputOf } from '../../../client/index.ts'

type Listed = Pick<OutputOf<'list_sessions'>, 'sessions' | 'unread'>

/** Sessions whose agent waits, which is for a person as a rule. */
export function waitingIn({ sessions }: Pick<Listed, 'sessions'>) {
  return sessions.filter(({ activity, presence }) => activity === 'waiting' && presence !== 'gone')
}

/** One line for the person: own mail, and who waits; undefined where there is nothing of both. */
export function forYou({ sessions, unread = 0 }: Listed): Said | undefined {
  const waits = waitingIn({ sessions }).map(({ name, waiting_for }) =>
    waiting_for === undefined ? say`${name} waits` : say`${name} waits for ${waiting_for}`,
  )
  const mail = say`${unread} unread ${say(unread === 1 ? 'message' : 'messages')}: \`switchboard inbox\``
  const all = [...(unread === 0 ? [] : [mail]), ...waits]
  return all.length === 0 ? undefined : joined('; ', all)
}
