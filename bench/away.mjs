/**
 * What is felt of a hub that is away, in the times that are promised for it: a hook and a tool of a session whose hub
 * hangs (SIGSTOP), the first call after a kill -9 of the hub, which starts the next one, and how long a session that was
 * killed is still shown to the others. p50 of a round.
 *
 * The floor of a start is `node -e 0`, of a hook or a tool an empty question over the same stdio. Nothing else is needed
 * for either, so what is above the floor is what the program waits for on purpose, and its own work.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { McpProcess } from './harness/mcp-process.mjs'
import { percentile, timed } from './harness/numbers.mjs'
import { keep } from './harness/processes.mjs'
import { row } from './harness/row.mjs'
import { until } from './harness/until.mjs'

const EDIT = { event: 'PreToolUse', session_id: '', tool_name: 'Edit', file_path: '/tmp/x' }

export async function away({ inRounds, isQuick }) {
  const rounds = await inRounds(home => round(home, isQuick ? 3 : 10))
  const line = (name, what, limitMs, floor, floorIs) =>
    row({
      name,
      unit: 'ms',
      values: rounds.map(each => each[what]),
      floors: rounds.map(each => each[floor]),
      floor: floorIs,
      target: ['value', '≤', limitMs],
    })
  return [
    line('a hook while the hub hangs (p50)', 'hook', 200, 'ping', 'an empty question'),
    line('a tool while the hub hangs (p50)', 'tool', 2_000, 'ping', 'an empty question'),
    line('hub killed → the next call is answered (p50)', 'restart', 2_000, 'bare', '`node -e 0`'),
    line('session killed → gone for the others (p50)', 'gone', 2_000, 'ping', 'an empty question'),
  ]
}

async function round(home, times) {
  const hub = await home.startHub()
  const taken = { ping: [], hook: [], tool: [], restart: [], bare: [], gone: [] }
  const agent = await joined(home)
  for (let i = 0; i < times; i++) taken.ping.push(await timed(() => agent.request('ping')))
  hub.kill('SIGSTOP')
  for (let i = 0; i < times; i++) taken.hook.push(await timed(() => use(agent, 'hook', EDIT)))
  // Each waits for its whole time.
  for (let i = 0; i < Math.ceil(times / 5); i++) taken.tool.push(await timed(() => use(agent, 'whoami', {})))
  hub.kill('SIGCONT')
  await agent.end()

  const operator = home.connect()
  for (let i = 0; i < Math.ceil(times / 3); i++) {
    const other = await joined(home)
    other.child.kill('SIGKILL')
    taken.gone.push(await timed(() => nobody(operator)))
  }

  const client = home.programs.connect({ env: home.env, deadlineMs: 120_000 })
  home.defer(() => client.close())
  for (let i = 0; i < times; i++) {
    const { pid } = await client.request('GET', '/v1/hub')
    process.kill(pid, 'SIGKILL')
    taken.restart.push(await timed(() => client.request('GET', '/v1/hub')))
    taken.bare.push(
      await timed(() => once(keep(spawn(process.execPath, ['-e', '0'], { env: home.env, stdio: 'ignore' })), 'exit')),
    )
  }
  process.kill((await client.request('GET', '/v1/hub')).pid, 'SIGKILL')
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, percentile(values, 0.5)]))
}

/** A session process that the hub knows and whose stream is open. */
async function joined(home) {
  const agent = new McpProcess(home)
  await agent.initialize()
  agent.initialized()
  const operator = home.connect()
  await until('the session has its stream', async () => (await operator.request('GET', '/v1/hub')).streams === 1)
  return agent
}

/** Also a refusal is an answer. */
async function use(agent, name, input) {
  await agent.request('tools/call', { name, arguments: input })
}

async function nobody(operator) {
  await until('the session to be gone', async () => (await operator.call('list_sessions', {})).sessions.length === 0)
}
