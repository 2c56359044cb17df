import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Finished, Sandbox } from './sandbox.ts'

/** Installs Debian's tmux where there is none. A suite that skipped its terminal half would look green. */
export function ensureTmux(): void {
  if (spawnSync('tmux', ['-V']).status === 0) return
  const installed = spawnSync('apt-get', ['install', '-y', 'tmux'], { encoding: 'utf8' })
  if (installed.status === 0) return
  const why = installed.error?.message ?? installed.stderr.trim()
  throw new Error(`the terminal tests need tmux, and apt-get install -y tmux failed: ${why}`)
}

let started = 0

/**
 * A tmux server of one sandboxed client, with one pane. Its socket lies in the sandbox folder and the server runs in
 * the sandbox's network, so that it goes with the sandbox even when nobody said goodbye.
 */
export class Tmux {
  readonly socketPath: string
  readonly #sandbox: Sandbox

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
    this.socketPath = join(sandbox.root, 'run', `tmux-${++started}`)
  }

  async start(argv: string[], { cwd, env }: { cwd: string; env: Record<string, string> }): Promise<void> {
    ensureTmux()
    // The server passes its own environment on, so a clean one here is a clean one there, plus TMUX and TMUX_PANE.
    const options = ['start-server', ';', 'set', '-g', 'default-terminal', 'xterm-256color', ';']
    const session = ['new-session', '-d', '-x', '110', '-y', '40', '-c', cwd, '--', ...argv]
    const { code, stderr } = await this.#tmux(['-f', '/dev/null', ...options, ...session], env)
    if (code !== 0) throw new Error(`tmux did not start: ${stderr}`)
  }

  /** The pid of the pane's program: the client's own, as nothing between tmux and it forks. */
  async panePid(): Promise<number> {
    return Number((await this.run('list-panes', '-a', '-F', '#{pane_pid}')).trim())
  }

  async serverPid(): Promise<number> {
    return Number((await this.run('display-message', '-p', '#{pid}')).trim())
  }

  async capture(): Promise<string> {
    return this.run('capture-pane', '-p')
  }

  async type(text: string): Promise<void> {
    await this.run('send-keys', '-l', '--', text)
  }

  async press(...keys: string[]): Promise<void> {
    await this.run('send-keys', ...keys)
  }

  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#tmux(args)
    if (code !== 0) throw new Error(`tmux ${args[0]} ended with ${code}: ${stderr}`)
    return stdout
  }

  async dispose(): Promise<void> {
    await this.#tmux(['kill-server']) // fails when the client, and with it the server, is already gone
  }

  #tmux(args: string[], env: Record<string, string> = {}): Promise<Finished> {
    return this.#sandbox.exec(['tmux', '-S', this.socketPath, ...args], { env })
  }
}
