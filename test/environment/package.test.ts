import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLUGIN } from '../program.ts'

const run = promisify(execFile)
const json = async (path: string) => JSON.parse(await readFile(join(PLUGIN, path), 'utf8'))

/** Everything that may be in it, by kind. */
const KINDS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^\.claude-plugin\/(plugin|marketplace)\.json$/,
  /^bin\/switchboard$/,
  /^plugin\/(README\.md|hooks\/(hooks\.json|shell-home)|commands\/\w+\.md|skills\/\w+\/SKILL\.md)$/,
  /^plugin\/monitor\/(\.claude-plugin\/plugin\.json|monitors\/monitors\.json)$/,
  /^dist\/(\w+|chunks\/[\w-]+)\.js(\.LEGAL\.txt)?$/,
  /^dist\/types\/.*\.d\.ts$/,
  /^dist\/prebuilds\/(LICENSE|[\w-]+\/[\w@+.]+\.node)$/,
]
const SYSTEMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64']

describe('the package', () => {
  let folder: string
  let packed: string[]
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'swb-packed-')))
    const { stdout } = await run('npm', ['pack', PLUGIN, '--ignore-scripts', '--json'], {
      cwd: folder,
      maxBuffer: 16 * 1024 * 1024,
    })
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]
    packed = files.map(({ path }) => path)
    await run('tar', ['-xzf', filename], { cwd: folder })
  })
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  it('holds the program and the plugin, and nothing else', () => {
    expect(packed.filter(path => !KINDS.some(kind => kind.test(path)))).toEqual([])
    for (const kind of KINDS.filter(each => !String(each).includes('types'))) {
      expect(packed.filter(path => kind.test(path))).not.toEqual([])
    }
  })

  it('holds every file that its manifests name', async () => {
    const { hooks, commands, skills, mcpServers } = await json('.claude-plugin/plugin.json')
    const { plugins } = await json('.claude-plugin/marketplace.json')
    const { bin, exports } = await json('package.json')
    const inPlugin = [
      mcpServers.bus.command,
      ...(await readFile(join(PLUGIN, hooks), 'utf8')).match(/\$\{CLAUDE_PLUGIN_ROOT\}[\w/-]+/g)!,
    ]
    const named = [
      ...[hooks, commands, skills, ...Object.values(bin), exports['.'].default],
      ...inPlugin.map(path => path.replace(/^\$\{\w+\}/, '.')),
      ...plugins
        .map(({ source }: { source: unknown }) => source)
        .filter((source: unknown) => typeof source === 'string'),
    ].map(path => String(path).replace(/^\.\//, ''))
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter(path => !packed.some(each => each === path || each.startsWith(`${path}/`)))).toEqual([])
  })

  it('has one version, and one name wherever a client meets it', async () => {
    const { name, version } = await json('package.json')
    expect(await json('.claude-plugin/plugin.json')).toMatchObject({ name, version })
    expect(await json('plugin/monitor/.claude-plugin/plugin.json')).toMatchObject({ version })
    const { name: market, plugins } = await json('.claude-plugin/marketplace.json')
    expect(market).toBe(name)
    expect(plugins[0]).toMatchObject({ name, source: { source: 'npm', package: name } })
  })

  it('runs no script when it is installed, and brings SQLite for every system instead of compiling it', async () => {
    const { scripts, dependencies } = await json('package.json')
    expect(Object.keys(scripts).filter(name => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([])
    // Of types alone: the program runs without.
    expect(Object.keys(dependencies)).toEqual(['zod'])
    for (const system of SYSTEMS) {
      expect(packed.filter(path => path.startsWith(`dist/prebuilds/${system}/`))).not.toEqual([])
    }
  })

  it('can be unpacked anywhere, and runs there with no packages around it', async () => {
    const home = join(folder, 'home')
    await mkdir(home, { mode: 0o700 })
    const env = { PATH: process.env.PATH, HOME: home, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
    const program = join(folder, 'package', 'bin', 'switchboard')
    expect((await stat(program)).mode & 0o111).toBe(0o111)
    const call = (...args: string[]) => run(program, args, { env, cwd: folder })
    try {
      expect(JSON.parse((await call('register', 'backend', '--json')).stdout)).toMatchObject({ name: 'backend' })
    } finally {
      await call('stop')
    }
  })
})
