import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BusError, ERRORS } from '../bus/errors.ts'
import { retoldLines, say } from '../bus/say.ts'
import type { HomePaths } from '../home/paths.ts'
import { openToAppend, privateFolder } from '../home/private-files.ts'
import { createStartTurn } from '../home/start-turn.ts'
import { faultSince } from './hub-log.ts'

/** Where the program lies as seen from dist/client.js and from dist/chunks/. */
const PLACES = ['./main.js', '../main.js']

/** What a long-lived hub must not inherit: credentials and identity of the program that started it. */
const PRIVATE_TO_SESSIONS =
  /^(CLAUDE|ANTHROPIC_|SWITCHBOARD_(TOKEN|URL)$|TMUX|ZELLIJ|NODE_OPTIONS$|NODE_COMPILE_CACHE$)/

export interface Starter {
  /**
   * Starts a hub. Gives nothing where a hub of this starter lost the lock just now, or where another program is starting
   * one: the caller then waits for that hub. The hub's own lock decides between many.
   */
  start(): Promise<Launch | undefined>
  /** A hub has answered. */
  reached(): void
}

/** Between a defeat and the next start where still nobody answers: twice as long after each. */
const REST_MS = { first: 200, max: 5_000 }

/** One hub that was started. */
export interface Launch {
  /** Whether it ended as a failure: neither after a clean stop, nor because another hub holds the lock. */
  hasFailed(): boolean
  /** Why, in the words of its log. */
  failure(): BusError
}

/**
 * Starts the hub of a home in the background, detached from this process. Several at once do no harm: each hub tries
 * the lock, one gets it, the others leave.
 */
export function createStarter(paths: HomePaths, env: NodeJS.ProcessEnv): Starter {
  let trying: Promise<Launch> | undefined
  let restMs = REST_MS.first
  let restUntil = 0
  const turn = createStartTurn(paths.startFile)
  const reached = () => {
    turn.end()
    restMs = REST_MS.first
    restUntil = 0
  }
  const onEnd = (hasLost: boolean) => {
    trying = undefined
    turn.end()
    if (!hasLost) return
    restUntil = performance.now() + restMs
    restMs = Math.min(REST_MS.max, restMs * 2)
  }
  return {
    async start() {
      if (performance.now() < restUntil || !turn.take()) return undefined
      trying ??= launch(paths, env, onEnd).catch(error => {
        onEnd(false)
        throw error
      })
      return await trying
    },
    reached,
  }
}

async function launch(paths: HomePaths, env: NodeJS.ProcessEnv, onEnd: (hasLost: boolean) => void): Promise<Launch> {
  const program = programFile()
  await privateFolder(paths.state)
  const log = openToAppend(paths.logFile)
  try {
    const { size } = fstatSync(log)
    const child = spawn(process.execPath, [program, 'hub'], {
      // Not the caller's folder, which it would keep busy.
      cwd: paths.state,
      detached: true,
      env: withoutPrivate(env),
      stdio: ['ignore', log, log],
      windowsHide: true,
    })
    let exit: number | null = null
    let fault: string | undefined
    child.once('exit', code => {
      exit = code
      onEnd(code === ERRORS.identity_taken.exit)
    })
    child.once('error', error => {
      fault = error.message
      onEnd(false)
    })
    child.unref()
    return {
      // A hub that a signal ended gives no code, and may well start the next time.
      hasFailed: () => fault !== undefined || (exit !== null && exit !== 0 && exit !== ERRORS.identity_taken.exit),
      failure() {
        const why = fault ?? faultSince(paths.logFile, size) ?? `it ended with exit code ${exit}`
        return new BusError('hub_unavailable', say`the hub cannot start: ${retoldLines(why)}`, {
          next: say`Mend that and try again. Its log: ${paths.logFile}`,
        })
      },
    }
  } finally {
    closeSync(log)
  }
}

function withoutPrivate(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PRIVATE_TO_SESSIONS.test(name)))
}

function programFile(): string {
  const file = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(path => existsSync(path))
  if (file !== undefined) return file
  // Sources that run as they are, as in tests, have no program beside them.
  if (process.env.SWITCHBOARD_PROGRAM !== undefined) return process.env.SWITCHBOARD_PROGRAM
  throw new BusError('hub_unavailable', 'expected the program beside its client, to start a hub; it is not there', {
    next: 'Install the package anew, or build it: `npm run build`.',
  })
}
