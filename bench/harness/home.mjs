import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnvironment } from './environment.mjs'
import { end, keep } from './processes.mjs'
import { until } from './until.mjs'

const homes = new Set()

/** Gives `work` a home folder of its own, and takes it away afterwards with whatever ran there. */
export async function withHome(programs, work) {
  const folder = await mkdtemp(join(tmpdir(), 'swb-bench-'))
  const home = new Home(programs, folder)
  homes.add(home)
  try {
    return await work(home)
  } finally {
    await home.close()
    homes.delete(home)
  }
}

/** For an interrupted run. */
export function removeHomes() {
  for (const { folder } of homes) rmSync(folder, { recursive: true, force: true })
}

class Home {
  #closers = []

  constructor(programs, folder) {
    this.programs = programs
    this.folder = folder
    this.env = cleanEnvironment(folder)
    this.socket = join(folder, 'hub.sock')
    this.storeFile = join(folder, 'store.db')
  }

  /** Something to do before the folder goes; the last that was given comes first. */
  defer(closer) {
    this.#closers.unshift(closer)
  }

  /** Starts this home's hub, and resolves with its process once it answers. */
  async startHub(nodeOptions = []) {
    const logFile = join(this.folder, 'bench-hub.log')
    const log = openSync(logFile, 'a')
    const child = keep(
      spawn(process.execPath, [...nodeOptions, this.programs.main, 'hub'], {
        cwd: this.folder,
        env: this.env,
        stdio: ['ignore', log, log],
      }),
    )
    closeSync(log)
    this.defer(() => end(child))
    const client = this.connect()
    await until('the hub answers', async () => {
      if (child.exitCode !== null) throw new Error(`the hub ended: ${readFileSync(logFile, 'utf8').slice(-2_000)}`)
      return await client.request('GET', '/healthz', { deadlineMs: 0 }).catch(() => undefined)
    })
    return child
  }

  /** A typed client of this home over its socket, as the user. */
  connect() {
    const client = this.programs.connect({ url: `unix:${this.socket}`, env: this.env, startHub: false })
    this.defer(() => client.close())
    return client
  }

  async close() {
    for (const closer of this.#closers.splice(0)) await closer()
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
