// What CI runs: the commands of the README and CONTRIBUTING, each timed. Tests are counted one by one from vitest's reports,
// other steps count as one. A failed step does not hide the others, except install and build, without which nothing else
// means anything. Steps that need nothing of each other run in two lanes, one for each core of the smallest machine; what a
// step prints comes in one piece when it has ended.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'

const reports = '.cache/ci'
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

const began = Date.now()
let passed = 0
/** In words, for the end of the output: what stands there is what is read first. */
const failures = []

function step(name, command, args, { env = {}, minutes = 10 } = {}) {
  const started = Date.now()
  console.log(`── ${name} begins`)
  return new Promise(resolve => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: minutes * 60_000,
      killSignal: 'SIGKILL',
    })
    const printed = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => printed.push(chunk))
    child.once('error', error => printed.push(Buffer.from(`${error}\n`)))
    child.once('close', (code, signal) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      const outcome = code === 0 ? 'ok' : `FAILED (${signal ?? `exit ${code}`})`
      console.log(
        `\n── ${name}: ${[command, ...args].join(' ')}\n${Buffer.concat(printed)}── ${name}: ${outcome} in ${seconds} s`,
      )
      resolve(code === 0)
    })
  })
}

async function check(...args) {
  const ok = await step(...args)
  if (ok) passed++
  else failures.push(args[0])
  return ok
}

/** Counts the tests of a run; a run that fails without a failed test (a crash, no tests) counts as one failure. */
async function tests(name, command, args, options) {
  const report = `${reports}/${name}.json`
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const ok = await step(name, command, [...args, ...reporters], options)
  let known = []
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    passed += numPassedTests
    known = failedTests(testResults)
  } catch {
    console.log(`── ${name}: no report`)
  }
  if (!ok) failures.push(...(known.length > 0 ? known : [name]))
}

function failedTests(testResults) {
  return testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => {
        const why = String(failureMessages[0] ?? '').slice(0, 600)
        return `${relative(process.cwd(), file)} > ${fullName}\n${why.replaceAll(/^/gm, '    ')}`
      }),
  )
}

function finish() {
  for (const failure of failures) console.log(`\nFAILED ${failure}`)
  console.log(`\n── all of it in ${((Date.now() - began) / 1000).toFixed(0)} s`)
  console.log(`${passed} passed, ${failures.length} failed`)
  process.exit(failures.length === 0 ? 0 : 1)
}

/** Programs that tests drive: here nothing is skipped for the lack of one. */
const PACKAGES = {
  tmux: 'tmux',
  strace: 'strace',
  git: 'git',
  zsh: 'zsh',
  fish: 'fish',
  unshare: 'util-linux',
  ip: 'iproute2',
}

/** What may differ between the ends of our range of Node: the store's two drivers, and one smoke of each other suite. */
const NODE_24_SUITES = [
  'contract',
  'property',
  'bus/say.test.ts',
  'cli/conversation.test.ts',
  'client/calls.test.ts',
  'crash/client-kill.test.ts',
  'environment/places.test.ts',
  'home/private-files.test.ts',
  'hub/doors.test.ts',
  'linearizability/histories.test.ts',
  'mcp/stdio.test.ts',
  'operations/talk.test.ts',
  'security/names.test.ts',
  'session/doorbell.test.ts',
  'soak/loop.test.ts',
  'workspace/facts.test.ts',
].map(suite => `test/${suite}`)

/** A suite that is new belongs into the list. */
function suitesWithoutSmoke() {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts'))
  const suites = files.filter(file => dirname(file) !== '.').map(file => `test/${file.split(sep)[0]}`)
  return [...new Set(suites)].filter(
    suite => suite !== 'test/e2e' && !NODE_24_SUITES.some(each => `${each}/`.startsWith(`${suite}/`)),
  )
}

async function onNode24() {
  for (const suite of suitesWithoutSmoke()) failures.push(`${suite} has no smoke on Node 24: see NODE_24_SUITES`)
  if (!(await check('node 24', 'node', ['scripts/node-24.mjs', '--install']))) return
  const node24 = spawnSync('node', ['scripts/node-24.mjs'], { encoding: 'utf8' }).stdout.trim()
  await tests('tests-on-node-24', node24, ['node_modules/vitest/vitest.mjs', 'run', ...NODE_24_SUITES])
}

const missing = Object.keys(PACKAGES).filter(name => spawnSync('which', [name]).status !== 0)
if (missing.length > 0) {
  const packages = missing.map(name => PACKAGES[name])
  await check('system packages', 'sh', ['-c', `apt-get update -q && apt-get install -y -q ${packages.join(' ')}`])
}
if (!(await check('install', 'npm', ['ci']))) finish()
const [, isBuilt] = await Promise.all([
  check('lint and layers', 'npm', ['run', '--silent', 'lint']),
  check('build', 'npm', ['run', '--silent', 'build']),
])
if (!isBuilt) finish()
const home = { env: { SWITCHBOARD_HOME: `${process.cwd()}/${reports}/home` } }
await Promise.all([
  check('types', 'npm', ['run', '--silent', 'types']),
  (async () => {
    await check('package', 'npm', ['run', '--silent', 'check:package'])
    await check('start', 'npm', ['start'], home)
    await check('stop', 'node', ['dist/main.js', 'stop'], home)
  })(),
])
await tests('tests', 'npm', ['test', '--'], { minutes: 20 })
await Promise.all([
  tests('end-to-end', 'npm', ['run', '--silent', 'test:e2e', '--'], { minutes: 20 }),
  (async () => {
    await tests('faults', 'npm', ['run', '--silent', 'test:faults', '--'], { minutes: 20 })
    await onNode24()
    await check('conformance', 'npm', ['run', '--silent', 'test:conformance'])
  })(),
])
await check('quick bench', 'npm', ['run', '--silent', 'bench', '--', '--quick'])
finish()
