import { connectToUsers } from '../../home/sockets.ts'
import { createPace } from './pace.ts'
import type { Route } from './routes.ts'

const WRITE_MS = 1_000

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
  return {
    name: 'inbox socket',
    isHere: () => Boolean(path),
    restMs: pace.restMs,
    ring: line =>
      new Promise((resolve, reject) => {
        pace.done()
        const socket = connectToUsers(path!)
        socket.setTimeout(WRITE_MS, () => socket.destroy(new Error(`nothing moved for ${WRITE_MS} ms`)))
        socket.once('error', reject)
        socket.once('close', () => resolve())
        const frames = [
          ...(token ? [{ type: 'auth', token }] : []),
          { type: 'user', message: { role: 'user', content: line } },
        ]
        socket.end(frames.map(frame => `${JSON.stringify(frame)}\n`).join(''))
        // Whatever the client should say some day must not fill a buffer.
        socket.resume()
      }),
  }
}
