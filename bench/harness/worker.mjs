import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { end, keep } from './processes.mjs'

/**
 * A client process of its own. `ask` sends it one order and resolves with its answer; orders travel beside the measured
 * work, before and after it, never during it.
 */
export function startWorker(home, file) {
  const child = keep(
    fork(fileURLToPath(new URL(file, import.meta.url)), [home.programs.clientFile, `unix:${home.socket}`], {
      execPath: process.execPath,
      execArgv: [],
      env: home.env,
      serialization: 'advanced',
    }),
  )
  home.defer(() => end(child))
  return {
    ask: order =>
      new Promise((resolve, reject) => {
        const onExit = code => reject(new Error(`the client process ended with ${code}`))
        child.once('exit', onExit)
        child.once('message', answer => {
          child.off('exit', onExit)
          if (answer.error === undefined) resolve(answer)
          else reject(new Error(answer.error))
        })
        child.send(order)
      }),
  }
}
