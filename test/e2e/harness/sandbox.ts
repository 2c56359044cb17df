import { execFile, execFileSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACCEPTED_DIALOGS, cleanEnvironment } from './clean-start.ts'
import { fetchClient } from './fetch-client.ts'
import { ModelServer } from './model-server.ts'
import { Network } from './network.ts'

export interface SandboxOptions {
  /** Of the client; the one that the suite is written against unless told otherwise. */
  version?: string
  /** The OS user to run as. The client refuses bypass mode to root, so tests of that mode say 'nobody'. */
  user?: string
  /** Names of the git repositories to make; the first is where clients start unless told otherwise. */
  projects?: string[]
  /** Added to the environment of everything that runs in the sandbox. */
  env?: Record<string, string>
}

export interface Finished {
  code: number
  stdout: string
  stderr: string
}

/**
 * One machine with one user, as far as a client can see: a HOME whose first-start dialogs are answered, projects under
 * git, a clean environment, loopback as the only network, and a scripted model at its end. All of it lives in one
 * folder, sockets included (`XDG_RUNTIME_DIR` moves the client's inbox sockets there), and dies with `dispose()`.
 */
export class Sandbox {
  readonly root: string
  readonly client: string
  readonly model: ModelServer
  readonly network: Network
  readonly env: Readonly<Record<string, string>>
  readonly #owner: { uid: number; gid: number } | undefined
  readonly #sessions = new Set<{ dispose(): Promise<void> }>()
  readonly #projects: string[]

  private constructor(it: Pick<Sandbox, 'root' | 'client' | 'model' | 'network' | 'env'>, options: SandboxOptions) {
    this.root = it.root
    this.client = it.client
    this.model = it.model
    this.network = it.network
    this.env = it.env
    this.#owner = options.user === undefined ? undefined : idsOf(options.user)
    this.#projects = options.projects ?? ['project']
  }

  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const client = await fetchClient(options.version)
    // Short, because a unix socket's path has at most 107 bytes.
    const root = await realpath(await mkdtemp(join(tmpdir(), 'swb-')))
    const network = Network.start(root)
    const model = await ModelServer.start(join(root, 'model.sock'))
    try {
      const port = await network.expose(join(root, 'model.sock')) // also the proof that the namespace stands
      const env = { ...cleanEnvironment(root, client, port), ...options.env }
      const sandbox = new Sandbox({ root, client, model, network, env }, options)
      await sandbox.#furnish()
      return sandbox
    } catch (error) {
      await model.close()
      await network.dispose()
      throw error
    }
  }

  /** Of the user whose machine this is, where that is not who runs the test. */
  get uid(): number | undefined {
    return this.#owner?.uid
  }

  get home(): string {
    return join(this.root, 'home')
  }

  /** The first project. */
  get project(): string {
    return join(this.root, this.#projects[0] ?? 'project')
  }

  /** Puts a command line inside this sandbox: its network, its user. The environment is the caller's to pass. */
  enter(argv: string[]): string[] {
    const { uid, gid } = this.#owner ?? {}
    const asUser = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--']
    return this.network.enter([...asUser, ...argv])
  }

  /** Runs a program inside this sandbox to its end. */
  exec(argv: string[], { cwd = this.project, timeoutMs = 120_000, env = {} } = {}): Promise<Finished> {
    const [program, ...args] = this.enter(argv)
    const options = { cwd, env: { ...this.env, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
    return new Promise((resolve, reject) => {
      const child = execFile(program!, args, options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') return reject(error)
        resolve({ code: Number(error?.code ?? 0), stdout, stderr })
      })
      child.stdin?.end()
    })
  }

  /** A new git repository beside the first project. */
  async addProject(name: string): Promise<string> {
    const folder = await this.addFolder(name)
    await this.#trust(folder)
    await this.#git(folder, 'init', '--quiet', '--initial-branch=main')
    await this.#git(folder, 'commit', '--quiet', '--allow-empty', '--message=start')
    return folder
  }

  /** A worktree of a project, on a branch of its own name, beside it. */
  async addWorktree(name: string, project: string = this.project): Promise<string> {
    const folder = join(this.root, name)
    await this.#trust(folder)
    await this.#git(project, 'worktree', 'add', '--quiet', '-b', name, folder)
    return folder
  }

  /** A folder inside the sandbox that its user owns. */
  async addFolder(name: string, mode = 0o755): Promise<string> {
    const folder = join(this.root, name)
    await mkdir(folder)
    await chmod(folder, mode)
    await this.#give(folder)
    return folder
  }

  /** Has the session disposed with the sandbox. */
  own(session: { dispose(): Promise<void> }): void {
    this.#sessions.add(session)
  }

  async dispose(): Promise<void> {
    await Promise.allSettled([...this.#sessions].map(session => session.dispose()))
    await this.model.close()
    await this.network.dispose() // ends what still runs and removes the folder
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  async #furnish(): Promise<void> {
    await chmod(this.root, 0o755)
    await this.#give(this.root)
    for (const folder of ['home', 'tmp', 'run']) await this.addFolder(folder, 0o700)
    await this.#write('home/.claude.json', JSON.stringify(ACCEPTED_DIALOGS))
    await this.#write('home/.gitconfig', '[user]\n  name = Test\n  email = test@example.invalid\n')
    for (const name of this.#projects) await this.addProject(name)
  }

  /**
   * Trust does not come from the folder above, so each project gets its own. The client keeps this file too: a folder
   * is best added before the first client starts.
   */
  async #trust(folder: string): Promise<void> {
    const settings = JSON.parse(await readFile(join(this.home, '.claude.json'), 'utf8'))
    const projects = { ...settings.projects, [folder]: { hasTrustDialogAccepted: true } }
    await this.#write('home/.claude.json', JSON.stringify({ ...settings, projects }))
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFile(join(this.root, name), text)
    await this.#give(join(this.root, name))
  }

  async #give(path: string): Promise<void> {
    if (this.#owner !== undefined) await chown(path, this.#owner.uid, this.#owner.gid)
  }

  async #git(cwd: string, ...args: string[]): Promise<void> {
    const { code, stderr } = await this.exec(['git', ...args], { cwd })
    if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr}`)
  }
}

function idsOf(user: string) {
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}
