import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { testHome } from '../client/support/home.ts'
import { until } from '../until.ts'
import { bareSession, INITIALIZE } from './support/session-process.ts'

it.runIf(process.platform === 'linux')('a session process at work stays under 75 MB', async () => {
  const { env } = await testHome()
  const bare = bareSession(env)
  bare.send(INITIALIZE)
  bare.send({ method: 'notifications/initialized' })
  for (let id = 1; id <= 50; id++) {
    bare.send({ id, method: 'tools/call', params: { name: 'whoami' } })
    bare.send({ id: `list ${id}`, method: 'tools/list' })
  }
  await until(() => bare.answers.length === 101)
  const status = await readFile(`/proc/${bare.child.pid}/status`, 'utf8')
  const mb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  console.log(`resident: ${mb.toFixed(1)} MB`)
  expect(mb).toBeLessThan(75)
})
