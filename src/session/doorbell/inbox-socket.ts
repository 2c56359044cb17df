import { connect } from 'node:net'
import type { Route } from './routes.ts'

const WRITE_MS = 1_000

/**
 * Claude Code's own inbox: a line of JSON to the socket that it names to its children. It labels the text as coming
 * from another session and starts a turn with it. No answer ever comes, and a wrong frame is swallowed.
 */
export function inboxSocket(env: NodeJS.ProcessEnv): Route {
  const path = env.CLAUDE_CODE_MESSAGING_SOCKET
  const token = env.CLAUDE_CODE_MESSAGING_TOKEN
  return {
    name: 'inbox socket',
    isHere: () => Boolean(path),
    ring: line =>
      new Promise((resolve, reject) => {
        const socket = connect(path!)
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
