import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { Door } from './door.ts'
import { buildHubProgram, type HubProgram } from './hub-process.ts'
import { tempHome } from './test-hub.ts'

/** What a hub may have as its stderr, by which it logs. */
const STDERRS: Record<string, string> = {
  'a disk that is full': '2>/dev/full',
  'a file descriptor that is closed': '2>&-',
  'a pipe that nobody reads any more': '2> >(exec true)',
}

const canFill = process.platform === 'linux'

describe.skipIf(!canFill)('a hub whose log cannot be written', () => {
  let program: HubProgram
  beforeAll(async () => {
    program = await buildHubProgram()
  })
  afterAll(() => program[Symbol.asyncDispose]())

  it.each(Object.entries(STDERRS))('starts, serves and stops cleanly with %s', async (_, redirect) => {
    await using home = await tempHome()
    const env = {
      PATH: process.env.PATH,
      SWITCHBOARD_HOME: home.folder,
      SWITCHBOARD_PORT: '0',
      SWITCHBOARD_LOG_LEVEL: 'trace',
    }
    const hub = spawn('bash', ['-c', `exec "$0" "$1" ${redirect}`, process.execPath, program.file], {
      env,
      stdio: 'ignore',
    })
    const ended = once(hub, 'exit')
    const door = new Door({ socketPath: home.paths.socket })
    try {
      await until(async () => (await door.ask('/healthz').catch(() => undefined))?.status === 200)
      hub.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    } finally {
      hub.kill('SIGKILL')
      door.close()
    }
  })
})
