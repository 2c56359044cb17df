import type { Socket } from 'node:net'
import { connectToUsers } from '../../home/sockets.ts'
import { createPace } from './pace.ts'
import type { Outcome, Route } from './routes.ts'

/** A client that runs takes the line within this. */
const TAKEN_MS = 1_000

/**
 * What the client (2.1.329) takes from a sender: 30 lines at once and then one every two seconds. It drops what is more
 * and tells the person so. One less is rung, because a line may come faster than the one before it.
 */
const TAKEN = { burst: 29, perSecond: 0.5 }

/**
 * Claude Code's own inbox: a line of JSON to the socket that it names to its children. It labels the text as coming
 * from another session and starts a turn with it. No answer ever comes, and a wrong frame is swallowed.
 */
export function inboxSocket(env: NodeJS.ProcessEnv): Route {
  const path = env.CLAUDE_CODE_MESSAGING_SOCKET
  const token = env.CLAUDE_CODE_MESSAGING_TOKEN
  const pace = createPace(TAKEN)
  let last: Socket | undefined
  return {
    name: 'inbox socket',
    exists: () => Boolean(path),
    isHere: () => Boolean(path),
    restMs: pace.restMs,
    async ring(line) {
      pace.done()
      // One that the client has kept open.
      last?.destroy()
      try {
        last = connectToUsers(path!)
      } catch (error) {
        return { is: 'failed', why: (error as Error).message }
      }
      const outcome = outcomeOf(last)
      const frames = [
        ...(token ? [{ type: 'auth', token }] : []),
        { type: 'user', message: { role: 'user', content: line } },
      ]
      last.end(frames.map(frame => `${JSON.stringify(frame)}\n`).join(''))
      // Whatever the client should say some day must not fill a buffer.
      last.resume()
      return await outcome
    },
  }
}

/** The client closes once it has taken all. One that stands still takes it when it goes on, so the socket stays open. */
function outcomeOf(socket: Socket): Promise<Outcome> {
  return new Promise(resolve => {
    let isConnected = false
    socket.once('connect', () => {
      isConnected = true
    })
    socket.on('error', ({ message }) => resolve({ is: isConnected ? 'unknown' : 'failed', why: message }))
    socket.once('close', () => resolve({ is: 'sent' }))
    socket.setTimeout(TAKEN_MS, () => resolve({ is: 'unknown', why: `not taken within ${TAKEN_MS} ms` }))
  })
}
