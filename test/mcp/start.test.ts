import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { testHome, until } from '../client/support/home.ts'
import { bareSession, INITIALIZE } from './support/session-process.ts'

const ROUNDS = 7

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

async function bareNodeMs(): Promise<number> {
  const started = performance.now()
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - started
}

async function answerMs(env: Record<string, string>): Promise<number> {
  const started = performance.now()
  const bare = bareSession(env)
  bare.send(INITIALIZE)
  await once(bare.child.stdout, 'data')
  const ms = performance.now() - started
  bare.child.kill('SIGKILL')
  await bare.exited
  return ms
}

// Other work on the machine disturbs single rounds; the rounds are interleaved, and their medians compared.
it('a session process answers within four times the start of bare Node', { timeout: 60_000, retry: 2 }, async () => {
  const { env } = await testHome()
  const [bare, answers]: [number[], number[]] = [[], []]
  for (let i = 0; i < ROUNDS; i++) {
    bare.push(await bareNodeMs())
    answers.push(await answerMs(env))
  }
  const ratio = median(answers) / median(bare)
  console.log(`start: ${median(answers).toFixed(0)} ms, ${ratio.toFixed(2)} x bare Node`)
  expect(ratio).toBeLessThan(4)
})

it.runIf(process.platform === 'linux')('a session process at work stays under 75 MB', { timeout: 60_000 }, async () => {
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
