/**
 * How long an agent's client waits for `switchboard mcp`: from the spawn to the answer to `initialize`, over real
 * stdio, with a hub running. p50 of a round, and with it what such a process keeps resident once it is registered with
 * the hub and has listed its tools.
 *
 * The floor is `node -e 0` from the spawn to its end: what any program of Node costs to start, on the same Node with
 * the same environment. Both take turns.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { McpProcess } from './harness/mcp-process.mjs'
import { residentMb } from './harness/memory.mjs'
import { percentile, timed } from './harness/numbers.mjs'
import { keep } from './harness/processes.mjs'
import { row } from './harness/row.mjs'
import { until } from './harness/until.mjs'

export async function start({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 5 : 12))
  return [
    row({
      name: '`switchboard mcp` → initialize answered (p50)',
      unit: 'ms',
      values: rounds.map(({ started }) => started),
      floors: rounds.map(({ bare }) => bare),
      floor: '`node -e 0`',
      target: ['ratio', '≤', 4],
    }),
    row({
      name: '  resident after tools/list',
      unit: 'MB',
      values: rounds.map(({ resident }) => resident),
      target: ['value', '≤', 75],
    }),
  ]
}

async function round(home, times) {
  await home.startHub()
  const bare = []
  const started = []
  // The first of each reads its files from the disk.
  for (let i = -2; i < times; i++) {
    const bareMs = await timed(() => bareNode(home))
    const startedMs = await timeToInitialize(home)
    if (i < 0) continue
    bare.push(bareMs)
    started.push(startedMs)
  }
  return { bare: percentile(bare, 0.5), started: percentile(started, 0.5), resident: await residentAfterTools(home) }
}

async function bareNode(home) {
  await once(keep(spawn(process.execPath, ['-e', '0'], { env: home.env, stdio: 'ignore' })), 'exit')
}

async function timeToInitialize(home) {
  const startedAt = performance.now()
  const agent = new McpProcess(home)
  await agent.initialize()
  const took = performance.now() - startedAt
  await agent.end()
  return took
}

async function residentAfterTools(home) {
  const operator = home.connect()
  const agent = new McpProcess(home)
  await agent.initialize()
  agent.initialized()
  await until('the session is registered and its stream open', async () => {
    const { streams } = await operator.request('GET', '/v1/hub')
    return streams > 0
  })
  await agent.request('tools/list')
  const resident = residentMb(agent.child.pid)
  await agent.end()
  return resident
}
