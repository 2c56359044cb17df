import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type ClientStatus, readStatus } from './client-status.ts'
import { argsOf, type LaunchOptions, placeOf } from './launch-options.ts'
import type { Sandbox } from './sandbox.ts'
import { parseMessage, type StreamMessage } from './stream-message.ts'
import { waitFor } from './wait.ts'

const FLAGS = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose']

/** A client without a screen that stays alive between turns, as an SDK drives it. */
export class StreamSession {
  readonly messages: StreamMessage[] = []
  readonly #sandbox: Sandbox
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exit: Promise<number | null>
  #stderr = ''

  private constructor(sandbox: Sandbox, child: ChildProcessWithoutNullStreams) {
    this.#sandbox = sandbox
    this.#child = child
    this.#exit = new Promise(resolve => child.once('close', resolve))
    createInterface({ input: child.stdout }).on('line', line => {
      const message = parseMessage(line)
      if (message !== undefined) this.messages.push(message)
    })
    child.stderr.on('data', chunk => {
      this.#stderr += chunk
    })
    child.stdin.on('error', () => {}) // it may be dead; the exit code tells
  }

  static start(sandbox: Sandbox, options: LaunchOptions = {}): StreamSession {
    const [program, ...args] = sandbox.enter([sandbox.client, ...FLAGS, ...argsOf(options)])
    const session = new StreamSession(sandbox, spawn(program!, args, placeOf(sandbox, options)))
    sandbox.own(session)
    return session
  }

  get pid(): number {
    return this.#child.pid!
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Known once the first turn has begun. */
  get sessionId(): string | undefined {
    return this.messages.findLast(message => message.session_id !== undefined)?.session_id
  }

  get results(): StreamMessage[] {
    return this.messages.filter(message => message.type === 'result')
  }

  status(): Promise<ClientStatus | undefined> {
    return readStatus(this.#sandbox, this.pid)
  }

  send(text: string): void {
    const message = { role: 'user', content: [{ type: 'text', text }] }
    this.#child.stdin.write(`${JSON.stringify({ type: 'user', message })}\n`)
  }

  /** Sends a user's turn and waits for its result. */
  async turn(text: string, timeoutMs?: number): Promise<StreamMessage> {
    const before = this.results.length
    this.send(text)
    return this.waitForResult(before, timeoutMs)
  }

  /** The result with this index: a turn that a doorbell started has one as well. */
  waitForResult(index: number, timeoutMs = 120_000): Promise<StreamMessage> {
    return waitFor(`result ${index}`, () => this.results[index], { timeoutMs, detail: () => this.#story() })
  }

  waitForMessage(fits: (message: StreamMessage) => boolean, timeoutMs = 120_000): Promise<StreamMessage> {
    return waitFor('a message', () => this.messages.find(fits), { timeoutMs, detail: () => this.#story() })
  }

  /** Ends the input, as an SDK does at the end, and waits for the exit. */
  async end(): Promise<number | null> {
    this.#child.stdin.end()
    return this.#exit
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal)
    await this.#exit
  }

  async dispose(): Promise<void> {
    await this.kill()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #story(): string {
    return `${this.messages.map(message => JSON.stringify(message).slice(0, 200)).join('\n')}\n${this.#stderr}`
  }
}
