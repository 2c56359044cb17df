// `npm run bench [-- --quick] [--json] [--only publish,scale]`: each number of the project beside its floor, from the
// same run. Numbers are measured, not asserted: the exit code is 0 when everything could be measured.
import { arch, cpus, platform } from 'node:os'
import { parseArgs } from 'node:util'
import { away } from './away.mjs'
import { batches } from './batches.mjs'
import { concurrent } from './concurrent.mjs'
import { delivery } from './delivery.mjs'
import { removeHomes, withHome } from './harness/home.mjs'
import { killAll } from './harness/processes.mjs'
import { preparePrograms } from './harness/programs.mjs'
import { table } from './harness/table.mjs'
import { hooks } from './hooks.mjs'
import { publish } from './publish.mjs'
import { ring } from './ring.mjs'
import { scale } from './scale.mjs'
import { start } from './start.mjs'
import { wake } from './wake.mjs'

const BENCHMARKS = { publish, concurrent, delivery, ring, wake, hooks, scale, start, away, batches }

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' } },
})
const chosen = options.only?.split(',') ?? Object.keys(BENCHMARKS)
const unknown = chosen.filter(name => !(name in BENCHMARKS))
if (unknown.length > 0) {
  throw new Error(`expected --only to name some of ${Object.keys(BENCHMARKS).join(', ')}; got ${unknown.join(', ')}`)
}

/** A benchmark that takes longer than this hangs. */
const MAX_MS = 15 * 60_000

const isQuick = options.quick ?? false
const programs = await preparePrograms()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => abandon(130))

const rows = []
for (const name of chosen) rows.push(...(await measured(name)))
await programs.remove()

if (options.json) process.stdout.write(`${JSON.stringify({ ...circumstances(), rows }, null, 2)}\n`)
else process.stdout.write(`${headline(circumstances())}\n\n${table(rows)}\n`)
process.exit(rows.some(row => row.failure !== undefined) ? 1 : 0)

/** The rows of one benchmark; one that could not be measured is a row that says why. */
async function measured(name) {
  process.stderr.write(`${name} …`)
  const startedAt = performance.now()
  const rounds = isQuick ? 2 : 5
  const late = setTimeout(() => {
    process.stderr.write(` not done within ${MAX_MS / 60_000} minutes\n`)
    abandon(1)
  }, MAX_MS)
  try {
    return await BENCHMARKS[name]({
      programs,
      rounds,
      isQuick,
      withHome: work => withHome(programs, work),
      /** One home, and so one hub and one store, per round. */
      async inRounds(round) {
        const results = []
        for (let i = 0; i < rounds; i++) results.push(await withHome(programs, home => round(home, i)))
        return results
      },
    })
  } catch (error) {
    process.stderr.write(` ${error.stack ?? error}\n`)
    return [{ name, failure: `could not be measured: ${error.message.split('\n')[0].slice(0, 160)}` }]
  } finally {
    clearTimeout(late)
    process.stderr.write(` ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`)
  }
}

/** Leaves nothing behind, whatever was going on. */
function abandon(code) {
  killAll()
  removeHomes()
  void programs.remove().finally(() => process.exit(code))
}

/** What the numbers depend on, without the names of anything. */
function circumstances() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    cores: cpus().length,
    rounds: isQuick ? 2 : 5,
    isQuick,
  }
}

function headline({ date, node, platform, cores, rounds }) {
  return `${date} · Node ${node} · ${platform}, ${cores} cores · medians of ${rounds} rounds${isQuick ? ' (quick)' : ''}`
}
