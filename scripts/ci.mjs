// What CI runs: the commands of the README and CONTRIBUTING, one after another, each timed; tests are counted one by
// one from vitest's reports, other steps count as one. A failed step does not hide the ones after it, except install
// and build, without which nothing else means anything.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'

const reports = '.cache/ci'
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

let passed = 0
/** In words, for the end of the output: what stands there is what is read first. */
const failures = []

const vitest = (name, ...args) => [
  name,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reports}/${name}.json`,
  ],
]

function step(name, command, args, { env = {}, minutes = 10 } = {}) {
  console.log(`\n── ${name}: ${[command, ...args].join(' ')}`)
  const started = Date.now()
  const { status, signal } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    timeout: minutes * 60_000,
    killSignal: 'SIGKILL',
  })
  const ok = status === 0
  console.log(
    `── ${name}: ${ok ? 'ok' : `FAILED (${signal ?? `exit ${status}`})`} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  )
  return ok
}

function check(...args) {
  const ok = step(...args)
  if (ok) passed++
  else failures.push(args[0])
  return ok
}

/** Counts the tests of a run; a run that fails without a failed test (a crash, no tests) counts as one failure. */
function tests(node, [name, args], options) {
  const ok = step(name, node, args, options)
  let known = []
  try {
    const report = JSON.parse(readFileSync(`${reports}/${name}.json`, 'utf8'))
    passed += report.numPassedTests
    known = failedTests(report)
  } catch {
    console.log(`── ${name}: no report`)
  }
  if (!ok) failures.push(...(known.length > 0 ? known : [name]))
}

function failedTests({ testResults }) {
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
  console.log(`\n${passed} passed, ${failures.length} failed`)
  process.exit(failures.length === 0 ? 0 : 1)
}

/** Programs that tests drive: here nothing is skipped for the lack of one. */
const missing = ['tmux', 'strace', 'git', 'unshare', 'ip', 'zsh', 'fish'].filter(
  name => spawnSync('which', [name]).status !== 0,
)
if (missing.length > 0) {
  const packages = missing.map(name => ({ unshare: 'util-linux', ip: 'iproute2' })[name] ?? name)
  check('system packages', 'sh', ['-c', `apt-get update -q && apt-get install -y -q ${packages.join(' ')}`])
}
if (!check('install', 'npm', ['ci'])) finish()
check('lint and layers', 'npm', ['run', '--silent', 'lint'])
if (!check('build', 'npm', ['run', '--silent', 'build'])) finish()
check('types', 'npm', ['run', '--silent', 'types'])
check('package', 'npm', ['run', '--silent', 'check:package'])
check('start', 'npm', ['start'], { env: { SWITCHBOARD_HOME: `${process.cwd()}/${reports}/home` } })
check('stop', 'node', ['dist/main.js', 'stop'], { env: { SWITCHBOARD_HOME: `${process.cwd()}/${reports}/home` } })
tests(process.execPath, vitest('tests'), { minutes: 15 })
if (check('node 24', 'node', ['scripts/node-24.mjs', '--install'])) {
  const node24 = spawnSync('node', ['scripts/node-24.mjs'], { encoding: 'utf8' }).stdout.trim()
  const suites = ['contract', 'property', 'mcp', 'client', 'session', 'soak'].map(name => `test/${name}`)
  // That the harness is not blind does not depend on the version.
  tests(node24, vitest('tests-on-node-24', ...suites, '--exclude=test/soak/planted-bugs.test.ts'))
}
check('conformance', 'npm', ['run', '--silent', 'test:conformance'])
tests(process.execPath, vitest('end-to-end', '--config', 'vitest.e2e.config.ts'))
check('quick bench', 'npm', ['run', '--silent', 'bench', '--', '--quick'])
finish()
