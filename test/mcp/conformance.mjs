// Runs the official MCP conformance suites and the Inspector CLI against a real hub and the built program. None of
// them is installed with the project: they come from the registry into .cache the first time.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// biome-ignore lint/plugin: it asks until a condition holds.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freshBuild } from '../../scripts/fresh-build.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = freshBuild()
const expectedFailures = fileURLToPath(new URL('expected-failures.yml', import.meta.url))

/** Each with the revisions it is asked about; the suites' own lists differ between their versions. */
const SUITES = [
  { version: '0.1.16', args: ['--suite', 'all'] },
  { version: '0.2.0-alpha.12', args: ['--suite', 'all', '--spec-version', '2025-11-25'] },
  { version: '0.2.0-alpha.12', args: ['--requirements', '2026-07-28'] },
]
const INSPECTOR = '2.12.0'

function installed(name, version) {
  const folder = join(root, '.cache', `${name}-${version}`)
  const bin = join(folder, 'node_modules', '@modelcontextprotocol', name)
  if (!existsSync(join(bin, 'package.json'))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const what = `@modelcontextprotocol/${name}@${version}`
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', what], {
      cwd: folder,
      stdio: 'inherit',
      // `npm run` hands its settings on; the engines that these ask for are given to them below.
      env: { ...process.env, npm_config_engine_strict: 'false' },
    })
  }
  const { bin: bins } = JSON.parse(readFileSync(join(bin, 'package.json'), 'utf8'))
  return join(bin, typeof bins === 'string' ? bins : Object.values(bins)[0])
}

/** The suites need a newer Node than we do. */
function newerNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath
  const out = execFileSync(process.execPath, [join(root, 'scripts', 'node-24.mjs'), '--install'], { encoding: 'utf8' })
  return out.trim().split('\n').at(-1)
}

async function startHub(env, home) {
  const hub = spawn(process.execPath, [program, 'hub'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const hubFile = join(home, 'hub.json')
  for (let i = 0; !existsSync(hubFile); i++) {
    if (i > 500 || hub.exitCode !== null) throw new Error('the hub did not start')
    await sleep(20)
  }
  const credential = readFileSync(join(home, 'credential'), 'utf8').trim()
  return { hub, url: JSON.parse(readFileSync(hubFile, 'utf8')).url, credential }
}

/**
 * The suites cannot send a credential, so this adds it. Everything else goes through as it came; a Host header that
 * names this proxy is translated, and a foreign one stays foreign for the hub to refuse.
 */
async function startProxy(url, credential) {
  const target = new URL(url)
  const proxy = http.createServer((request, response) => {
    const own = `:${proxy.address().port}`
    const translated = value => value?.replace(own, `:${target.port}`)
    const headers = {
      ...request.headers,
      authorization: `Bearer ${credential}`,
      host: translated(request.headers.host),
    }
    if (headers.origin) headers.origin = translated(headers.origin)
    const { method, url: path } = request
    const onward = http.request({ host: target.hostname, port: target.port, method, path, headers }, answer => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return { proxy, url: `http://127.0.0.1:${proxy.address().port}/mcp` }
}

async function run(command, args, env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  return { ok: code === 0, output }
}

async function conformance(url, env) {
  const node = newerNode()
  let ok = true
  for (const { version, args } of SUITES) {
    const tool = installed('conformance', version)
    const results = join(env.SWITCHBOARD_HOME, `results-${version}`)
    const all = ['server', '--url', url, ...args, '--expected-failures', expectedFailures, '--output-dir', results]
    const done = await run(node, [tool, ...all], { ...process.env })
    const summary = done.output.slice(done.output.lastIndexOf('=== SUMMARY ==='))
    console.log(`\n## conformance ${version} ${args.join(' ')}: ${done.ok ? 'ok' : 'FAILED'}\n${summary}`)
    ok &&= done.ok
  }
  return ok
}

/** Lists the tools and calls one, over stdio and over HTTP. */
async function inspector(url, credential, env) {
  const node = newerNode()
  const tool = installed('inspector', INSPECTOR)
  const doors = {
    stdio: [process.execPath, program, 'mcp'],
    http: [url, '--transport', 'http', '--header', `Authorization: Bearer ${credential}`],
  }
  let ok = true
  for (const [door, target] of Object.entries(doors)) {
    for (const [what, isGood] of [
      [['--method', 'tools/list'], ({ tools }) => tools.some(each => each.name === 'publish')],
      [
        ['--method', 'tools/call', '--tool-name', 'list_channels'],
        result => Array.isArray(result.structuredContent?.channels),
      ],
    ]) {
      let done
      // A session answers so within two seconds where it does not have the hub yet, and says to try again.
      do done = await run(node, [tool, '--cli', ...target, ...what], env)
      while (done.output.includes('the hub is not there yet'))
      const isOk = done.ok && isGood(JSON.parse(done.output))
      console.log(`inspector ${INSPECTOR} over ${door}, ${what.join(' ')}: ${isOk ? 'ok' : `FAILED\n${done.output}`}`)
      ok &&= isOk
    }
  }
  return ok
}

const home = mkdtempSync(join(tmpdir(), 'swb-conformance-'))
const env = { PATH: process.env.PATH, HOME: home, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
const { hub, url, credential } = await startHub(env, home)
const { proxy, url: open } = await startProxy(url, credential)
try {
  const inspected = await inspector(`${url}/mcp`, credential, env)
  const conforms = await conformance(open, env)
  process.exitCode = inspected && conforms ? 0 : 1
} finally {
  proxy.closeAllConnections()
  proxy.close()
  hub.kill()
  await once(hub, 'exit')
  rmSync(home, { recursive: true, force: true })
}
