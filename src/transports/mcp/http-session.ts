import { randomInt, randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { type Caller, credentialId } from '../../bus/access.ts'
import { ONLINE_MS, runOf } from '../../bus/session.ts'
import { holderOf, shareOf } from '../../bus/share.ts'
import { endCancelled } from './end-cancelled.ts'

/** One 2025-era client over HTTP: a transport and a server of its own, so no answer can reach another. */
export interface HttpSession {
  /** Whose credential opened it, as of its latest request; nobody else's may use its id. */
  owner: Caller
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly server: Server
  /** Requests in progress, streams included. */
  open: number
  /** Calls of tools that are not answered yet. */
  readonly calls: Set<Promise<unknown>>
  /** Ids of requests in progress. */
  readonly requestIds: Set<unknown>
  usedAt: number
  /** Whether it has had a stream of messages from the hub: without one now, its client has gone. */
  hadStream: boolean
  /** The bus session that it is, or is about to be. */
  sessionId: string | undefined
  /** Of a bus session that goes on here: what it was given before and has not proved to have read comes again. */
  readonly run: string
  /** Of the bus session that it has registered. It acts as that one from then on, and before as its owner. */
  credential: string | undefined
}

/** A client that is asleep for this long opens a new session by itself when it gets 404. */
const IDLE_MS = 60 * 60_000

/** Of one process for all connections: another connection lets no expelled session in again. */
function newRun(): string {
  return runOf('mcp', randomInt(1, 2 ** 47))
}

/**
 * The sessions of 2025-era clients by their `Mcp-Session-Id`; each costs some tens of kilobytes. Bounded: idle ones are
 * closed after an hour, and where a holder has as many as it may, its own that has been idle longest makes room. Nobody
 * else's ever does.
 */
export function createHttpSessions(
  serverOf: (session: () => HttpSession) => Server,
  {
    maxSessions = (owner: Caller): number => shareOf(owner, 'mcpSessions')?.max ?? Number.POSITIVE_INFINITY,
    idleMs = IDLE_MS,
    now = () => performance.now(),
  } = {},
) {
  const sessions = new Map<string, HttpSession>()

  async function shut(id: string, session: HttpSession): Promise<void> {
    sessions.delete(id)
    await session.server.close()
  }

  function others(session: HttpSession, sessionId: string | undefined): [string, HttpSession][] {
    if (sessionId === undefined) return []
    return [...sessions].filter(([, other]) => other !== session && other.sessionId === sessionId)
  }

  function isThere(session: HttpSession): boolean {
    return session.open > 0 || (!session.hadStream && now() - session.usedAt <= ONLINE_MS)
  }

  async function makeRoom(owner: Caller): Promise<boolean> {
    const at = now()
    const late = [...sessions].filter(([, each]) => each.open === 0 && at - each.usedAt > idleMs)
    for (const [id, session] of late) await shut(id, session)
    const own = [...sessions].filter(([, each]) => holderOf(each.owner) === holderOf(owner))
    if (own.length < maxSessions(owner)) return true
    const [oldest] = own.filter(([, each]) => each.open === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest !== undefined) await shut(...oldest)
    return oldest !== undefined
  }

  return {
    /** The caller's own session of this id; somebody else's is not there. */
    find(id: string, caller: Caller): HttpSession | undefined {
      const session = sessions.get(id)
      if (session === undefined || credentialId(session.owner) !== credentialId(caller)) return undefined
      session.owner = caller
      return session
    },

    /** A new one, which counts once its client has initialized. Undefined where its holder's are all busy. */
    async create(owner: Caller): Promise<HttpSession | undefined> {
      if (!(await makeRoom(owner))) return undefined
      const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: id => void sessions.set(id, session),
        onsessionclosed: id => void sessions.delete(id),
      })
      const server = serverOf(() => session)
      const session: HttpSession = {
        owner,
        transport,
        server,
        open: 0,
        calls: new Set(),
        requestIds: new Set(),
        usedAt: now(),
        hadStream: false,
        sessionId: owner.kind === 'session' ? owner.id : undefined,
        run: newRun(),
        credential: undefined,
      }
      await server.connect(transport)
      endCancelled(transport)
      return session
    },

    /** Makes it the one that is this bus session, unless another one is whose client is still there. */
    take(session: HttpSession, sessionId: string): boolean {
      if (others(session, sessionId).some(([, other]) => isThere(other))) return false
      session.sessionId = sessionId
      return true
    },

    /** Closes those that were the same bus session before: their clients are told that it is over. */
    async closeOthers(session: HttpSession): Promise<void> {
      for (const [id, other] of others(session, session.sessionId)) await shut(id, other)
    },

    /** Closes each whose owner's authority is over. Its calls end by that themselves, and are answered with the reason. */
    async closeWhere(isOver: (owner: Caller) => Promise<boolean>): Promise<void> {
      for (const [id, session] of [...sessions]) {
        if (!(await isOver(session.owner))) continue
        sessions.delete(id)
        await Promise.allSettled(session.calls)
        // The transport writes an answer in the turn in which its call has ended.
        await setImmediate()
        await shut(id, session)
      }
    },

    async close(): Promise<void> {
      await Promise.all([...sessions].map(([id, session]) => shut(id, session)))
    },
  }
}
