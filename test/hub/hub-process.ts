import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The hub as a program of its own, built from the sources, without the rest of the command line. */
export interface HubProgram extends AsyncDisposable {
  readonly file: string
}

export async function buildHubProgram(): Promise<HubProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'swb-hub-program-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, 'hub.mjs')
  await build({
    entryPoints: [join(root, 'test/hub/fixtures/hub.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
    loader: { '.sql': 'text', '.md': 'text' },
    banner: { js: "import { createRequire as __r } from 'node:module';const require = __r(import.meta.url);" },
    external: ['@photostructure/sqlite'],
  })
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

export interface HubProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** True once it serves, false where it left instead. */
  readonly isServing: Promise<boolean>
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly lines: readonly Record<string, unknown>[]
}

export function startHubProcess(
  program: HubProgram,
  home: string,
  { umask = 0o022, env = {} }: { umask?: number; env?: NodeJS.ProcessEnv } = {},
): HubProcess {
  const command = `umask ${umask.toString(8)}; exec "$0" "$1"`
  const child = spawn('sh', ['-c', command, process.execPath, program.file], {
    env: { PATH: process.env.PATH, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  const isServing = new Promise<boolean>(resolve => {
    createInterface(child.stderr!).on('line', line => {
      lines.push(line.startsWith('{') ? JSON.parse(line) : { msg: line })
      if (lines.at(-1)!.msg === 'started') resolve(true)
    })
    exit.then(() => resolve(false))
  })
  return {
    child,
    isServing,
    exit,
    lines,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exit
    },
  }
}
