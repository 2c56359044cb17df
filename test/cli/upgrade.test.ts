import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { VERSION } from '../../src/version.ts'
import { runInProcess } from './support/in-process.ts'

it.each(['status', 'start'])(
  '`%s` says that an older hub still runs, and how to come to the new one',
  async command => {
    const store = { kind: 'sqlite', live_sessions: 0 }
    const hub = {
      version: '0.0.1',
      pid: 1,
      started_at: new Date().toISOString(),
      url: '',
      socket: '',
      streams: 0,
      store,
    }
    const older = createServer((request, response) => {
      response.writeHead(request.url === '/v1/hub' ? 200 : 500, { 'content-type': 'application/json' })
      response.end(JSON.stringify(request.url === '/v1/hub' ? hub : { error: { code: 'internal', message: 'no' } }))
    })
    await new Promise<void>(resolve => older.listen(0, '127.0.0.1', resolve))
    try {
      const env = {
        SWITCHBOARD_HOME: '/nowhere',
        SWITCHBOARD_TOKEN: 't',
        SWITCHBOARD_URL: `http://127.0.0.1:${(older.address() as AddressInfo).port}`,
      }
      const { stdout } = await runInProcess([command], { env, cwd: '/' })
      expect(stdout).toContain(`the hub is 0.0.1, this program ${VERSION}`)
      expect(stdout).toContain('`switchboard stop`; the next command starts a new hub.')
    } finally {
      await new Promise(resolve => older.close(resolve))
    }
  },
)
