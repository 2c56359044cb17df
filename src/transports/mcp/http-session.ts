import { randomUUID } from 'node:crypto'
import { type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { type Caller, credentialId } from '../../bus/access.ts'

/** One 2025-era client over HTTP: a transport and a server of its own, so no answer can reach another. */
export interface HttpSession {
  /** Whose credential opened it, as of its latest request; nobody else's may use its id. */
  owner: Caller
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: Server
  /** Requests in progress, streams included. */
  open: number
  usedAt: number
  /** Of the bus session that it has registered. It acts as that one from then on, and before as its owner. */
  credential: string | undefined
}

/** Enough for every agent of one person's machines; each costs some tens of kilobytes. */
const MAX_SESSIONS = 500
/** A client that is asleep for this long opens a new session by itself when it gets 404. */
const IDLE_MS = 60 * 60_000

/**
 * The sessions of 2025-era clients by their `Mcp-Session-Id`. Bounded: idle ones are closed after an hour, and where
 * the house is full the one that has been idle longest makes room.
 */
export function createHttpSessions(
  serverOf: (session: () => HttpSession) => Server,
  { maxSessions = MAX_SESSIONS, idleMs = IDLE_MS, now = () => performance.now() } = {},
) {
  const sessions = new Map<string, HttpSession>()

  async function shut(id: string, session: HttpSession): Promise<void> {
    sessions.delete(id)
    await session.server.close()
  }

  async function makeRoom(): Promise<boolean> {
    const at = now()
    const idle = [...sessions].filter(([, each]) => each.open === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt)
    const late = idle.filter(([, each]) => at - each.usedAt > idleMs)
    const leaving = late.length > 0 || sessions.size < maxSessions ? late : idle.slice(0, 1)
    for (const [id, session] of leaving) await shut(id, session)
    return sessions.size < maxSessions
  }

  return {
    /** The caller's own session of this id; somebody else's is not there. */
    find(id: string, caller: Caller): HttpSession | undefined {
      const session = sessions.get(id)
      if (session === undefined || credentialId(session.owner) !== credentialId(caller)) return undefined
      session.owner = caller
      return session
    },

    /** A new one, which counts once its client has initialized. Undefined where the house is full of busy ones. */
    async create(owner: Caller): Promise<HttpSession | undefined> {
      if (!(await makeRoom())) return undefined
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: id => void sessions.set(id, session),
        onsessionclosed: id => void sessions.delete(id),
      })
      const server = serverOf(() => session)
      const session: HttpSession = { owner, transport, server, open: 0, usedAt: now(), credential: undefined }
      await server.connect(transport)
      return session
    },

    async closeWhere(isOver: (owner: Caller) => Promise<boolean>): Promise<void> {
      for (const [id, session] of [...sessions]) if (await isOver(session.owner)) await shut(id, session)
    },

    async close(): Promise<void> {
      await Promise.all([...sessions].map(([id, session]) => shut(id, session)))
    },
  }
}
