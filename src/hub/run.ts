import { BusError, ERRORS } from '../bus/errors.ts'
import { loadConfig } from '../home/config.ts'
import { noteNode } from '../home/node-path.ts'
import { homePaths } from '../home/paths.ts'
import { startHub } from './index.ts'
import { createLog, faultOf } from './log.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * What `switchboard hub` runs: serves until a signal or `POST /v1/hub/stop`. Resolves to the exit code: 0 after a
 * clean stop, else that of the error: 3 where another hub serves this home, 6 where the store failed, so that the next
 * client starts a fresh one.
 */
export async function runHub(env: NodeJS.ProcessEnv = process.env): Promise<number> {
  // Sockets and files are made for the user alone, before anybody sets their mode.
  process.umask(0o077)
  const log = createLog(env.SWITCHBOARD_LOG_LEVEL)
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    const paths = homePaths(env)
    const hub = await startHub({ paths, config: await loadConfig(paths.configFile, env), log })
    await noteNode(paths).catch(error => log.warn(faultOf(error), 'which Node runs this was not noted'))
    const onStop = () => void hub.close().catch(() => undefined)
    stop.signal.addEventListener('abort', onStop, { once: true })
    if (stop.signal.aborted) onStop()
    await hub.closed
    return 0
  } catch (error) {
    if (error instanceof BusError) {
      log.error({ code: error.code, next: error.next }, error.message)
      return ERRORS[error.code].exit
    }
    log.fatal(faultOf(error), 'the hub ends')
    return ERRORS.internal.exit
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
