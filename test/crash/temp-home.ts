import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, ConnectOptions } from '../../src/client/index.ts'
import { type HomePaths, homePaths } from '../../src/home/paths.ts'
import { HANG_MS, until } from '../until.ts'
import { endProcessesOf, kill9 } from './processes.ts'
import type { Programs } from './programs.ts'

/** A home in a temp folder, and whatever hub happens to run there: clients start it, the test kills it. */
export interface TestHome extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv
  readonly paths: HomePaths
  connect(options?: ConnectOptions): Client
  /** Process id of the hub that answers now; undefined where none does. */
  pid(): Promise<number | undefined>
  /** Kills the hub that answers now, and says which that was. */
  kill(): Promise<number | undefined>
  /** Resolves with the pid once a hub answers that is not `otherThan`. */
  answering(options?: { otherThan?: number }): Promise<number>
}

/** Of one attempt; a hub that hangs is asked again. */
const ASK_FOR_MS = 10_000
const MAX_LOG_CHARS = 4_000

/** `folder` puts the home somewhere else, e.g. on a small disk. */
export async function tempHome(programs: Programs, folder = tmpdir()): Promise<TestHome> {
  const home = await mkdtemp(join(folder, 'swb-home-'))
  const env = { ...process.env, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
  for (const name of ['SWITCHBOARD_URL', 'SWITCHBOARD_TOKEN']) Reflect.deleteProperty(env, name)
  const paths = homePaths(env)
  const clients: Client[] = []
  const disposed = new AbortController()
  const pid = async () => await askPid(paths)
  return {
    env,
    paths,
    connect(options = {}) {
      const client = programs.connect({ env, deadlineMs: HANG_MS, ...options })
      clients.push(client)
      return client
    },
    pid,
    async kill() {
      const found = await pid()
      return found !== undefined && kill9(found) ? found : undefined
    },
    async answering({ otherThan } = {}) {
      const another = async () => {
        const found = await pid()
        return found !== otherThan && found
      }
      const found = await until<number | boolean | undefined>(() => disposed.signal.aborted || another(), {
        what: 'a hub to answer',
        detail: () => lastLog(paths),
      })
      disposed.signal.throwIfAborted()
      return found as number
    },
    async [Symbol.asyncDispose]() {
      disposed.abort()
      await Promise.all(clients.map(client => client.close()))
      await endProcessesOf(home)
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Asks once, and bare: the typed client would wait for a hub, and start one. */
async function askPid(paths: HomePaths): Promise<number | undefined> {
  const credential = await readFile(paths.credentialFile, 'utf8').catch(() => undefined)
  if (credential === undefined) return undefined
  return await new Promise(resolve => {
    const headers = { authorization: `Bearer ${credential.trim()}`, host: 'localhost' }
    const asked = request({ socketPath: paths.socket, path: '/v1/hub', headers, agent: false, timeout: ASK_FOR_MS })
    asked.once('error', () => resolve(undefined))
    asked.once('timeout', () => asked.destroy(new Error('timed out')))
    asked.once('response', async response => {
      try {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(response.statusCode === 200 ? (JSON.parse(text) as { pid: number }).pid : undefined)
      } catch {
        resolve(undefined)
      }
    })
    asked.end()
  })
}

/** The home is gone when somebody reads the test's report, so the end of the log goes into it. */
async function lastLog({ logFile }: HomePaths): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(error => String(error))
  return `the end of its log:\n${text.slice(-MAX_LOG_CHARS)}`
}
