import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
// biome-ignore lint/plugin: a user's Esc and a client's hook timeout come after a time.
import { setTimeout as sleep } from 'node:timers/promises'
import { senderLimit } from '../session/support/sender-limit.ts'
import { until } from '../until.ts'

/** The process is gone, and with it the answer. */
export class Gone extends Error {}

export interface ToolResult {
  readonly isError?: boolean
  readonly content?: readonly { readonly text?: string }[]
  readonly structuredContent?: Record<string, unknown>
}

export interface ClientOptions {
  /** The built `main.js`. */
  readonly program: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly sessionId: string
  /** A line came to the client's inbox. */
  readonly onBell: (line: string) => void
}

const MAX_ERRORS_CHARS = 4_000

let clients = 0

/**
 * The parts of Claude Code that a session process meets: its stdio, its inbox socket and its status file. A shell stands
 * in for the client, because the session process knows its client by the id of its parent.
 */
export class ClientProcess {
  /** Resolves when the session process is gone. */
  readonly exited: Promise<void>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  readonly #statusPath: string
  readonly #inbox: Server
  readonly #connections = new Set<Socket>()
  #lastId = 0
  #errors = ''
  #isGone = false
  #isKilled = false
  #hasExited = false

  private constructor(child: ChildProcessWithoutNullStreams, statusPath: string, inbox: Server) {
    this.#child = child
    this.#statusPath = statusPath
    this.#inbox = inbox
    inbox.on('connection', socket => {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
    })
    createInterface({ input: child.stdout }).on('line', line => this.#answered(line))
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', chunk => {
      this.#errors = (this.#errors + chunk).slice(-MAX_ERRORS_CHARS)
    })
    this.exited = new Promise(resolve => child.once('exit', () => resolve()))
    void this.exited.then(() => {
      this.#hasExited = true
      this.#end()
    })
  }

  static async start(options: ClientOptions): Promise<ClientProcess> {
    const token = randomBytes(8).toString('hex')
    const socketPath = join(options.home, `inbox-${++clients}.sock`)
    const inbox = await inboxServer(socketPath, token, options.onBell)
    const env = {
      ...options.env,
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: options.sessionId,
      CLAUDE_CODE_MESSAGING_SOCKET: socketPath,
      CLAUDE_CODE_MESSAGING_TOKEN: token,
    }
    const script = '"$0" "$1" mcp; exit $?'
    const child = spawn('sh', ['-c', script, process.execPath, options.program], {
      env,
      cwd: options.cwd,
      detached: true,
    })
    const folder = join(options.home, '.claude', 'sessions')
    await mkdir(folder, { recursive: true })
    const client = new ClientProcess(child, join(folder, `${child.pid}.json`), inbox)
    await client.setStatus('idle')
    await client.#request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'claude-code', version: '2.1.329' },
    })
    client.#send({ method: 'notifications/initialized' })
    return client
  }

  get errors(): string {
    return this.#errors
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** By `kill`, and not by itself. */
  get isKilled(): boolean {
    return this.#isKilled
  }

  async tool(name: string, input: Record<string, unknown>, toolUseId?: string): Promise<ToolResult> {
    const meta = toolUseId === undefined ? {} : { _meta: { 'claudecode/toolUseId': toolUseId } }
    return await this.#request('tools/call', { name, arguments: input, ...meta })
  }

  /** Gives a tool up after a time, as Esc and a hook's timeout do: what has not come by then reaches nobody. */
  async toolWithin(ms: number, name: string, input: Record<string, unknown>): Promise<ToolResult | undefined> {
    const { id, answer } = this.#begin<ToolResult>('tools/call', { name, arguments: input })
    const answered = new AbortController()
    try {
      const late = sleep(ms, undefined, { signal: answered.signal })
      late.catch(() => undefined)
      const result = await Promise.race([answer, late])
      if (result !== undefined) return result
    } finally {
      answered.abort()
    }
    this.#waiting.delete(id)
    this.#send({ method: 'notifications/cancelled', params: { requestId: id, reason: 'AbortError' } })
    return undefined
  }

  async setStatus(status: 'busy' | 'idle'): Promise<void> {
    const text = JSON.stringify({ pid: this.#child.pid, status, statusUpdatedAt: Date.now() })
    await writeFile(`${this.#statusPath}.new`, text)
    await rename(`${this.#statusPath}.new`, this.#statusPath)
  }

  /** Client and session process at once, as by kill -9 or a lost machine. */
  async kill(): Promise<void> {
    this.#isKilled = true
    this.#end()
    try {
      process.kill(-this.#child.pid!, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    await this.exited
    await this.#clean()
  }

  /** As a client ends that is closed. */
  async close(): Promise<void> {
    this.#child.stdin.end()
    try {
      await until(() => this.#hasExited, {
        what: 'a session process to end with its stdin',
        detail: () => this.#errors,
      })
    } finally {
      if (this.#hasExited) await this.#clean()
      else await this.kill()
    }
  }

  #send(message: object): void {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  async #request<T>(method: string, params: object): Promise<T> {
    return await this.#begin<T>(method, params).answer
  }

  #begin<T>(method: string, params: object): { id: number; answer: Promise<T> } {
    const id = ++this.#lastId
    if (this.#isGone) return { id, answer: Promise.reject(new Gone(method)) }
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#send({ id, method, params })
    })
    return { id, answer }
  }

  #answered(line: string): void {
    const { id, result, error } = JSON.parse(line) as { id?: number; result?: unknown; error?: { message: string } }
    const waiting = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || !waiting) return
    this.#waiting.delete(id)
    if (error) waiting.reject(new Error(error.message))
    else waiting.resolve(result as never)
  }

  #end(): void {
    this.#isGone = true
    for (const { reject } of this.#waiting.values()) reject(new Gone('the session process is gone'))
    this.#waiting.clear()
  }

  async #clean(): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await new Promise(resolve => this.#inbox.close(resolve))
    await rm(this.#statusPath, { force: true })
  }
}

/** Takes what the client takes: a line with its token first, within the limit for a sender. */
async function inboxServer(path: string, token: string, onBell: (line: string) => void): Promise<Server> {
  const isTaken = senderLimit()
  const server = createServer(socket => {
    let isTrusted = false
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', line => {
      const frame = JSON.parse(line) as { type: string; token?: string; message?: { content: string } }
      if (frame.type === 'auth') isTrusted = frame.token === token
      const content = frame.message?.content
      if (isTrusted && content !== undefined && isTaken(content)) onBell(content)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}
