import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { type LaunchOptions, StreamSession, TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

vi.setConfig({ testTimeout: 240_000 })

const CALLS = 40
const RUNS = 5

test('a message is before the model of an idle session within 400 ms at the median, one second at the worst', async () => {
  await using bus = await Switchboard.create()
  const session = await TerminalSession.start(bus.sandbox, bus.launch)
  await session.prompt('hello')
  const { name } = await bus.session(each => each.activity === 'idle')
  const peer = await bus.peer('peer')
  const times: number[] = []
  for (let i = 0; i < 30; i++) {
    const text = `letter ${i} of thirty`
    const begun = Date.now()
    const id = await peer.publish(name, text)
    const woken = await bus.sandbox.model.waitForRequest(request => lettersIn(request, text).length > 0)
    times.push(woken.at - begun)
    await bus.receipt(id, name, 'consumed')
    await session.waitForIdle()
  }
  console.info(`publish → idle model: p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`)
  expect(quantile(times, 0.5)).toBeLessThanOrEqual(400)
  expect(quantile(times, 0.99)).toBeLessThanOrEqual(1_000)
})

test('a hook with nothing pending costs 6 ms at the median, and at most 1.6 times an empty one', async () => {
  await using bus = await Switchboard.create()
  const file = join(bus.sandbox.project, 'file.txt')
  await writeFile(file, 'content\n')
  const empty = join(bus.sandbox.root, 'empty')
  const plugin = bus.launch.pluginDir as string
  await cp(plugin, empty, { recursive: true })
  const server = fileURLToPath(new URL('fixtures/empty-server.mjs', import.meta.url))
  await writeFile(join(empty, 'bin', 'switchboard'), `#!/bin/sh\nexec '${process.execPath}' '${server}'\n`)

  const reads = Array.from({ length: CALLS }, () => ({ tool: 'Read', input: { file_path: file } }))
  const turn = async (options: LaunchOptions) => {
    await using session = StreamSession.start(bus.sandbox, { ...options, permissionMode: 'manual' })
    await session.turn('warm')
    const begun = performance.now()
    await session.turn(script(...reads, { text: 'done' }), 60_000)
    return (performance.now() - begun) / CALLS
  }
  const costs = { switchboard: [] as number[], empty: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    const none = await turn({})
    costs.empty.push((await turn({ pluginDir: empty })) - none)
    costs.switchboard.push((await turn({ pluginDir: plugin })) - none)
  }
  const [ours, theirs] = [quantile(costs.switchboard, 0.5), quantile(costs.empty, 0.5)]
  console.info(`per hook: switchboard ${ours.toFixed(2)} ms, empty ${theirs.toFixed(2)} ms`, costs)
  expect(ours).toBeLessThanOrEqual(6)
  expect(ours).toBeLessThanOrEqual(1.6 * Math.max(theirs, 1))
})

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
}
