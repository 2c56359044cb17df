import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { type LaunchOptions, StreamSession, TerminalSession } from './harness/client.ts'
import { script } from './harness/model-script.ts'
import { lettersIn, Switchboard } from './support/switchboard.ts'

vi.setConfig({ testTimeout: 240_000 })

const CALLS = 40
const RUNS = 5

// Measured and printed, never asserted: how fast depends on who else the machine serves. Targets: 400 ms p50, 1 s p99;
// 6 ms a hook, and 1.6 times an empty one.

test('every message reaches the model of an idle session; how long that took is printed', async () => {
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
  expect(times).toHaveLength(30)
})

test('a turn of forty tool calls runs through with and without hooks; what a hook cost is printed', async () => {
  await using bus = await Switchboard.create()
  const file = join(bus.sandbox.project, 'file.txt')
  await writeFile(file, 'content\n')
  const plugin = bus.launch.pluginDir as string
  const program = (line: string) => `#!/bin/sh\nexec '${process.execPath}' ${line}\n`
  /** The same plugin with another server, or without hooks: tools cost something as well. */
  const variant = async (name: string, server: string, hasHooks: boolean) => {
    const folder = join(bus.sandbox.root, name)
    await cp(plugin, folder, { recursive: true })
    await writeFile(join(folder, 'bin', 'switchboard'), program(server))
    if (!hasHooks) await rm(join(folder, 'hooks'), { recursive: true })
    return folder
  }
  const nothing = `'${fileURLToPath(new URL('fixtures/empty-server.mjs', import.meta.url))}'`
  const own = `'${bus.program}' "$@"`

  const reads = Array.from({ length: CALLS }, () => ({ tool: 'Read', input: { file_path: file } }))
  // From request to request the client runs one tool and its hooks. The median of many such steps says what a hook
  // costs also on a machine that does other things beside it.
  const steps = async (options: LaunchOptions) => {
    await using session = StreamSession.start(bus.sandbox, { ...options, permissionMode: 'manual' })
    await session.turn('warm')
    await session.turn(script(...reads, { text: 'done' }), 60_000)
    const times = bus.sandbox.model.requestsOf(session.sessionId!).map(request => request.at)
    return times.slice(2).map((at, i) => at - times[i + 1]!)
  }
  const variants = {
    empty: await variant('empty', nothing, true),
    emptyWithout: await variant('empty-without', nothing, false),
    own: await variant('own', own, true),
    ownWithout: await variant('own-without', own, false),
  }
  const gaps: Record<string, number[]> = {}
  for (let run = 0; run < RUNS; run++) {
    for (const [name, pluginDir] of Object.entries(variants)) {
      gaps[name] = [...(gaps[name] ?? []), ...(await steps({ pluginDir }))]
    }
  }
  const step = (name: keyof typeof variants) => quantile(gaps[name]!, 0.5)
  const [ours, theirs] = [step('own') - step('ownWithout'), step('empty') - step('emptyWithout')]
  console.info(`a hook: ${ours} ms, an empty one ${theirs} ms; a step without: ${step('ownWithout')} ms`)
  for (const measured of Object.values(gaps)) expect(measured.length).toBeGreaterThanOrEqual(RUNS)
})

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
}
