import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { HomePaths } from '../home/paths.ts'
import { privateFolder } from '../home/private-files.ts'

/** Where the program lies as seen from dist/client.js, from dist/chunks/ and from the sources. */
const PLACES = ['./main.js', '../main.js', '../../dist/main.js']

/** What a long-lived hub has no business with: credentials and identity of whoever happened to need it first. */
const PRIVATE_TO_SESSIONS =
  /^(CLAUDE|ANTHROPIC_|SWITCHBOARD_(TOKEN|URL)$|TMUX|ZELLIJ|NODE_OPTIONS$|NODE_COMPILE_CACHE$)/

export interface Starter {
  /** Starts a hub, unless one that this starter began is still trying. The hub's own lock decides between many. */
  start(): Promise<void>
}

/**
 * Starts the hub of a home in the background, detached from whoever asked. Several at once do no harm: each hub tries
 * the lock, one gets it, the others leave.
 */
export function createStarter(paths: HomePaths, env: NodeJS.ProcessEnv): Starter {
  let isTrying = false
  return {
    async start() {
      const program = programFile()
      if (isTrying || program === undefined) return
      isTrying = true
      try {
        await privateFolder(paths.state)
        const log = await open(paths.logFile, 'a', 0o600)
        try {
          const child = spawn(process.execPath, [program, 'hub'], {
            cwd: paths.state,
            detached: true,
            env: Object.fromEntries(Object.entries(env).filter(([name]) => !PRIVATE_TO_SESSIONS.test(name))),
            stdio: ['ignore', log.fd, log.fd],
            windowsHide: true,
          })
          // One that ends has lost the lock or failed; the next one may find that its rival is gone.
          child.once('exit', () => (isTrying = false))
          child.once('error', () => (isTrying = false))
          child.unref()
        } finally {
          await log.close()
        }
      } catch (error) {
        isTrying = false
        throw error
      }
    },
  }
}

function programFile(): string | undefined {
  return PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(file => existsSync(file))
}
