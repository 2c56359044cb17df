import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url))

/**
 * The only network that a sandboxed client has: loopback.
 *
 * As root it is a namespace of its own with nothing but `lo`, so that not even a bug in the client or in a test can
 * reach another machine. The model server stays in the test process, where a test can read its memory; a small
 * program inside the namespace (keeper.mjs) relays loopback connections to its unix socket. Running the server inside
 * the namespace as well was the other way: it would need a protocol between test and server for every question.
 *
 * Without root there is no namespace. Then the clean environment and `ANTHROPIC_BASE_URL` must do, `isolated` is
 * false, and `whyNotIsolated` says so.
 */
export class Network {
  readonly isolated: boolean
  readonly whyNotIsolated: string | undefined
  readonly #keeper: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string>
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(keeper: ChildProcessByStdio<Writable, Readable, null>, answers: Interface, why?: string) {
    this.#keeper = keeper
    this.#answers = answers[Symbol.asyncIterator]()
    this.isolated = why === undefined
    this.whyNotIsolated = why
  }

  static start(folder: string): Network {
    const why = whyNoNamespace()
    const keep = [process.execPath, KEEPER, folder, why === undefined ? '1' : '0']
    const [program, ...args] =
      why === undefined ? ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...keep] : keep
    // Detached: a Ctrl-C in the terminal must not end the keeper before it has cleaned up.
    const keeper = spawn(program!, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    keeper.stdin.on('error', () => {}) // it may be gone already when we say goodbye
    return new Network(keeper, createInterface({ input: keeper.stdout }), why)
  }

  /** Puts a command line inside this network. */
  enter(argv: string[]): string[] {
    return this.isolated ? ['nsenter', '-t', String(this.#keeper.pid), '-n', '--', ...argv] : argv
  }

  /** Makes a unix socket reachable on loopback inside this network and returns the port. */
  expose(socketPath: string): Promise<number> {
    const answer = this.#turn.then(async () => {
      this.#keeper.stdin.write(`${socketPath}\n`)
      const { value, done } = await this.#answers.next()
      if (done === true) throw new Error('the sandbox keeper ended before it opened a port')
      return Number(value)
    })
    this.#turn = answer.catch(() => {})
    return answer
  }

  /** Ends every process in this network and removes the sandbox folder; see keeper.mjs. */
  async dispose(): Promise<void> {
    if (this.#keeper.exitCode !== null || this.#keeper.signalCode !== null) return
    const gone = once(this.#keeper, 'exit')
    this.#keeper.stdin.end()
    await gone
  }
}

let known: { why: string | undefined } | undefined

function whyNoNamespace(): string | undefined {
  known ??= { why: probe() }
  return known.why
}

function probe(): string | undefined {
  if (process.getuid?.() !== 0) return 'a network namespace needs root'
  const tried = spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' })
  if (tried.status === 0) return undefined
  return `unshare -n with ip link set lo up failed: ${tried.error?.message ?? tried.stderr.trim()}`
}
