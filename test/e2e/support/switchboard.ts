import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Client, connect, type OutputOf } from '../../../src/client/index.ts'
import { gatherFacts } from '../../../src/workspace/facts.ts'
import { PLUGIN, PROGRAM } from '../../program.ts'
import type { LaunchOptions } from '../harness/client.ts'
import { type ModelRequest, placesOf } from '../harness/model-request.ts'
import { Sandbox, type SandboxOptions } from '../harness/sandbox.ts'
import { waitFor } from '../harness/wait.ts'

/** How the client names the plugin's tools. */
export const TOOL = 'mcp__plugin_switchboard_bus__'

/** A sandbox with a switchboard of its own; the first program that needs its hub starts it, as for a user. */
export class Switchboard implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly env: Readonly<Record<string, string>>
  /** The person: every scope, and no session of its own in the lists. */
  readonly operator: Client
  readonly #clients = new Set<Client>()

  private constructor(sandbox: Sandbox, isOwnUser: boolean) {
    this.sandbox = sandbox
    this.env = sandbox.env
    // Another user's hub is that user's to start.
    this.operator = connect({ env: { ...this.env }, startHub: isOwnUser })
    this.#clients.add(this.operator)
  }

  static async create(options: SandboxOptions = {}): Promise<Switchboard> {
    const sandbox = await Sandbox.create({
      ...options,
      env: { SWITCHBOARD_PORT: '0', ...options.env },
    })
    Object.assign(sandbox.env, { SWITCHBOARD_HOME: join(sandbox.root, 'bus') })
    await sandbox.addFolder('bus', 0o700)
    return new Switchboard(sandbox, options.user === undefined)
  }

  get program(): string {
    return PROGRAM
  }

  /** How to start a client with the plugin. */
  get launch(): LaunchOptions {
    return { pluginDir: PLUGIN, permissionMode: 'manual' }
  }

  /** A session in the first project that the test speaks as. */
  async peer(name: string): Promise<Peer> {
    const { project } = this.sandbox
    const { run: _, ...facts } = await gatherFacts(project, { SWITCHBOARD_HOME: join(this.sandbox.root, 'facts') })
    const elsewhere = { ...facts, worktree: `${project}-of-${name}`, cwd: `${project}-of-${name}` }
    const { credential } = await this.operator.call('register', {
      name,
      client_id: `peer-${name}`,
      facts: elsewhere,
    })
    const client = this.operator.withCredential(credential)
    const publish: Publish = async (to, text, options = {}) =>
      (await client.call('publish', { to, text, ...options })).event_id
    return { name, client, publish }
  }

  async cli(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { env: this.env })
    return stdout
  }

  async sessions(): Promise<OutputOf<'list_sessions'>['sessions']> {
    return (await this.operator.call('list_sessions', {})).sessions
  }

  /** The one session on the bus that an agent's client runs, as soon as it is there and fits. */
  session(
    fits: (session: OutputOf<'list_sessions'>['sessions'][number]) => boolean = () => true,
    what = 'a session of Claude Code on the bus',
  ) {
    let last: unknown
    return waitFor(
      what,
      async () => {
        const found = await this.sessions()
        last = found
        return found.find(each => each.agent === 'claude-code' && fits(each))
      },
      { detail: () => JSON.stringify(last) },
    )
  }

  /** The receipt of one event for one session, as soon as it is in this state. */
  async receipt(eventId: number, session: string, state: string) {
    let last: unknown
    return await waitFor(
      `the receipt of ${eventId} for ${session} to be ${state}`,
      async () => {
        const { receipts } = await this.operator.call('message_status', { event_id: eventId })
        last = receipts
        return receipts.find(each => each.session === session && each.state === state)
      },
      { detail: () => JSON.stringify(last) },
    )
  }

  async hubPid(): Promise<number | undefined> {
    try {
      return (JSON.parse(await readFile(join(this.sandbox.root, 'bus', 'hub.json'), 'utf8')) as { pid: number }).pid
    } catch {
      return undefined
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Started by the test itself it runs outside the sandbox's network, where the keeper does not see it.
    const pid = await this.hubPid()
    await Promise.all([...this.#clients].map(client => client.close()))
    if (pid !== undefined) kill(pid)
    await this.sandbox.dispose()
  }
}

export interface Peer {
  readonly name: string
  readonly client: Client
  readonly publish: Publish
}

type Publish = (
  to: string,
  text: string,
  options?: { urgency?: 'now' | 'idle' | 'quiet'; reply_to?: number },
) => Promise<number>

/** The message with this text in its fence, as often as the request holds it. */
export function lettersIn(request: ModelRequest, text: string) {
  return placesOf(request, text).filter(part => part.text.includes('<switchboard-message'))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}
