import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end, keep } from './processes.mjs'

/** Starts the bare server beside the hub; gives the exchange with it, by the same typed client. */
export async function bareFloor(home, body, request) {
  const socket = join(home.folder, 'bare.sock')
  const file = fileURLToPath(new URL('./bare-server.mjs', import.meta.url))
  const child = keep(
    fork(file, [home.programs.partsFile, socket, join(home.folder, 'bare.db'), body], {
      execPath: process.execPath,
      execArgv: [],
      env: home.env,
    }),
  )
  home.defer(() => end(child))
  await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('it ended')))])
  const client = home.programs.connect({ url: `unix:${socket}`, credential: 'none', startHub: false })
  home.defer(() => client.close())
  return () => client.request('POST', '/v1/insert', { body: request })
}
