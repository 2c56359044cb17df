import { readFileSync } from 'node:fs'
// biome-ignore lint/plugin: the real client takes or drops keys by how soon they come, and shows nothing of it.
import { setTimeout as pause } from 'node:timers/promises'
import { type ClientStatus, readStatus } from './client-status.ts'
import { argsOf, type LaunchOptions, placeOf } from './launch-options.ts'
import type { Sandbox } from './sandbox.ts'
import { Tmux } from './tmux.ts'
import { waitFor } from './wait.ts'

/** An Enter that comes sooner after the text is taken for a pasted line break. */
const BEFORE_ENTER_MS = 300

/** A dialog drops keys that come within about 100 ms after it was drawn, lest it be answered by accident. */
const BEFORE_ANSWER_MS = 400

/** A client on a terminal of its own, driven by keys as a person would. */
export class TerminalSession {
  readonly tmux: Tmux
  readonly pid: number
  readonly #sandbox: Sandbox
  #stopped: readonly number[] = []

  private constructor(sandbox: Sandbox, tmux: Tmux, pid: number) {
    this.#sandbox = sandbox
    this.tmux = tmux
    this.pid = pid
  }

  /** Starts the client and waits until it can be typed into. */
  static async start(sandbox: Sandbox, options: LaunchOptions = {}): Promise<TerminalSession> {
    const tmux = new Tmux(sandbox)
    await tmux.start([sandbox.client, ...argsOf(options)], placeOf(sandbox, options))
    const session = new TerminalSession(sandbox, tmux, await tmux.panePid())
    sandbox.own(session)
    await session.waitForIdle()
    await session.waitForScreen(/^❯/m)
    return session
  }

  status(): Promise<ClientStatus | undefined> {
    return readStatus(this.#sandbox, this.pid)
  }

  /** The id of the moment: `/clear` changes it. */
  async sessionId(): Promise<string> {
    return (await this.waitForStatus('any status', () => true)).sessionId
  }

  screen(): Promise<string> {
    return this.tmux.capture()
  }

  async type(text: string): Promise<void> {
    await this.tmux.type(text)
  }

  async press(...keys: string[]): Promise<void> {
    await this.tmux.press(...keys)
  }

  /** Types a line and, when it stands in the input box, presses Enter. */
  async submit(text: string): Promise<void> {
    await this.type(text)
    const tail = squeezed(text).slice(-20)
    await this.waitForScreen('the typed text', screen => squeezed(screen).includes(tail))
    await pause(BEFORE_ENTER_MS)
    await this.press('Enter')
  }

  /** Submits a prompt and waits until its turn is over. */
  async prompt(text: string): Promise<void> {
    const { statusUpdatedAt } = await this.waitForIdle()
    await this.submit(text)
    await this.waitForStatus('the turn to end', it => isIdle(it) && it.statusUpdatedAt > statusUpdatedAt)
  }

  /** `/clear`; returns the new session id. */
  async clear(): Promise<string> {
    const before = await this.sessionId()
    await this.submit('/clear')
    return (await this.waitForStatus('a new session id', it => it.sessionId !== before && isIdle(it))).sessionId
  }

  async compact(): Promise<void> {
    await this.submit('/compact')
    await this.waitForScreen(/Compacted/)
    await this.waitForIdle()
  }

  waitForIdle(): Promise<ClientStatus> {
    return this.waitForStatus('an idle client', isIdle)
  }

  waitForBusy(): Promise<ClientStatus> {
    return this.waitForStatus('a busy client', it => it.status === 'busy')
  }

  /** Answers the dialog that is open or about to open; returns the screen that showed it. */
  async answerDialog(...keys: string[]): Promise<string> {
    await this.waitForDialog()
    const screen = await this.waitForScreen(/Esc to (cancel|go back)/)
    await pause(BEFORE_ANSWER_MS)
    await this.press(...keys)
    return screen
  }

  /** A dialog is open, or will be drawn within half a second: see `waitingFor`. */
  waitForDialog(): Promise<ClientStatus> {
    return this.waitForStatus('a dialog', it => it.status === 'waiting')
  }

  waitForStatus(what: string, fits: (status: ClientStatus) => boolean): Promise<ClientStatus> {
    const probe = async () => {
      const status = await this.status()
      return status !== undefined && fits(status) && status
    }
    return waitFor(what, probe, { detail: () => this.#story() })
  }

  async waitForScreen(what: string | RegExp, fits = showing(what)): Promise<string> {
    const probe = async () => {
      const screen = await this.screen()
      return fits(screen) && screen
    }
    return waitFor(`${what} on the screen`, probe, { detail: () => this.#story() })
  }

  /** kill -9: no hook runs, the socket and the status file stay. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    process.kill(this.pid, signal)
    await this.waitForExit()
  }

  /** Stops the client, and before it its terminal's server: that lets a program go on that has stopped. */
  async standStill(): Promise<void> {
    const server = await this.tmux.serverPid()
    this.#stopped = [server, this.pid]
    for (const pid of this.#stopped) process.kill(pid, 'SIGSTOP')
  }

  goOn(): void {
    for (const pid of this.#stopped) process.kill(pid, 'SIGCONT')
    this.#stopped = []
  }

  /** Leaves as a user does. */
  async exit(): Promise<void> {
    await this.submit('/exit')
    await this.waitForExit()
  }

  async waitForExit(): Promise<void> {
    await waitFor(`process ${this.pid} to end`, () => !isAlive(this.pid))
  }

  /** Kills the client before its terminal, so that tmux is there to reap it: nobody else may do so in a container. */
  async dispose(): Promise<void> {
    this.goOn()
    if (isAlive(this.pid)) await this.kill()
    await this.tmux.dispose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  async #story(): Promise<string> {
    const screen = await this.screen().catch(error => String(error))
    return `${JSON.stringify(await this.status())}\n${screen}`
  }
}

function showing(wanted: string | RegExp): (screen: string) => boolean {
  return screen => (typeof wanted === 'string' ? screen.includes(wanted) : wanted.test(screen))
}

/** Without white space: the terminal wraps where it likes. */
function squeezed(text: string): string {
  return text.replace(/\s/g, '')
}

/** A client between turns says `shell` instead of `idle` while a background task, such as a plugin monitor, runs. */
function isIdle({ status }: ClientStatus): boolean {
  return status === 'idle' || status === 'shell'
}

/** A zombie still takes signals, so ask for its state. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
