import module from 'node:module'
import { join } from 'node:path'
import v8 from 'node:v8'
import { homePaths } from '../home/paths.ts'
import { privateFolder } from '../home/private-files.ts'
import { writeStderrLine } from '../home/stderr-line.ts'

/** Node 22.8 and later. */
interface CompileCache {
  enableCompileCache?(folder: string): unknown
  flushCompileCache?(): void
}

/**
 * `switchboard mcp`: the process beside one session. Ends the process when the agent's client is gone. Nothing restarts
 * it and prompts fail without it, so no fault ends it.
 */
export async function runSession(): Promise<never> {
  const log = (message: string) => writeStderrLine(`switchboard: ${message}\n`)
  if (process.stdin.isTTY)
    log('this is the MCP server of an agent; agents start it, and speak JSON to it. Ctrl-C ends it.')
  process.on('uncaughtException', error => log(`uncaught: ${error.stack ?? error}`))
  process.on('unhandledRejection', reason => log(`unhandled: ${reason}`))

  // One of these runs beside every session and computes little: 71 MB instead of 78 on Node 24, at no cost in start-up.
  v8.setFlagsFromString('--optimize-for-size')
  const cache = module as CompileCache
  // In a folder of the user's own: a program that can write a cache of code can run code.
  try {
    const folder = join(homePaths().state, 'compile-cache')
    await privateFolder(folder)
    cache.enableCompileCache?.(folder)
  } catch (error) {
    log(`no compile cache: ${(error as Error).message}`)
  }
  const { serveSession } = await import('./serve.ts')
  // The process is ended by a signal as a rule, and then nothing would have been kept.
  await serveSession({ log, onLoaded: () => cache.flushCompileCache?.() })
  process.exit(0)
}
