import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAM } from '../../program.ts'
import { type Ran, runInProcess } from './in-process.ts'

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: string
  readonly cwd?: string
  /** Of the terminal; without colours. Only in this process. */
  readonly columns?: number
  /** How the program is called there. Only in this process. */
  readonly program?: string
}

/** A shell of somebody with a home and a hub of their own. */
export interface Shell {
  readonly home: string
  /** The working directory of commands; no git repository. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** The same in this process, from the sources: a tenth of the work. */
  here(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs with `--json` in this process, expects success, and gives what was printed. */
  json<T = Record<string, never>>(args: readonly string[], options?: RunOptions): Promise<T>
  /** The same through a real shell, in which `switchboard` is the program. */
  line(line: string, options?: RunOptions): Promise<Ran>
  /** Starts without waiting, with its stdin open; ended by `close` at the latest. */
  begin(args: readonly string[], options?: RunOptions): Begun
  beginLine(line: string, options?: RunOptions): Begun
  close(): Promise<void>
}

interface Begun {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<Ran>
}

export async function openShell(): Promise<Shell> {
  const root = await mkdtemp(join(tmpdir(), 'swb-cli-'))
  const [home, folder] = [join(root, 'home'), join(root, 'project')]
  await mkdir(folder)
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    LANG: 'C.UTF-8',
    SWITCHBOARD_HOME: home,
    SWITCHBOARD_PORT: '0',
  }
  const begun = new Set<Begun>()
  const begin = (command: string, args: readonly string[], options: RunOptions = {}): Begun => {
    const one = launch(command, args, { cwd: folder, ...options, env: { ...env, ...options.env } })
    begun.add(one)
    void one.ended.finally(() => begun.delete(one))
    return one
  }
  const beginLine = (line: string, options?: RunOptions) =>
    begin('bash', ['-c', `switchboard() { "$NODE" "$PROGRAM" "$@"; }\n${line}`], {
      ...options,
      env: { NODE: process.execPath, PROGRAM, ...options?.env },
    })
  const run = (args: readonly string[], options?: RunOptions) =>
    begin(process.execPath, [PROGRAM, ...args], { stdin: '', ...options }).ended
  const here = (args: readonly string[], options: RunOptions = {}) =>
    runInProcess(args, {
      cwd: folder,
      ...options,
      env: { ...env, ...(options.columns === undefined ? {} : { NO_COLOR: '1' }), ...options.env },
    })
  return {
    home,
    folder,
    env,
    run,
    begin: (args, options) => begin(process.execPath, [PROGRAM, ...args], options),
    beginLine,
    line: (line, options) => beginLine(line, { stdin: '', ...options }).ended,
    here,
    async json<T>(args: readonly string[], options?: RunOptions) {
      const ran = await here([...args, '--json'], options)
      if (ran.code !== 0) throw new Error(`${args.join(' ')}: exit code ${ran.code}\n${ran.stdout}${ran.stderr}`)
      return JSON.parse(ran.stdout) as T
    },
    async close() {
      for (const { child } of begun) child.kill('SIGKILL')
      await Promise.all([...begun].map(({ ended }) => ended))
      const stopped = await here(['stop'])
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
      if (stopped.code !== 0) throw new Error(`stop: ${stopped.stderr}`)
    },
  }
}

function launch(command: string, args: readonly string[], options: RunOptions & { env: NodeJS.ProcessEnv }): Begun {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: 'pipe' })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  // A program that does not read closes its end first.
  child.stdin.on('error', () => {})
  if (options.stdin !== undefined) child.stdin.end(options.stdin)
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code: code ?? (signal === 'SIGINT' ? 130 : 137), stdout, stderr }))
  })
  return { child, ended, output: () => stdout }
}
