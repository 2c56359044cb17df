import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DIST, PLUGIN } from '../program.ts'
import { ATTACKER, canBeOthers, folderOf, give, sharedFolder } from '../security/other-user.ts'

const run = promisify(execFile)

async function folder(name = ''): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'swb-odd-')))
  onTestFinished(() => rm(made, { recursive: true, force: true, maxRetries: 5 }))
  const inner = join(made, name)
  await mkdir(inner, { recursive: true })
  return inner
}

/** What a system has without any Node: the tools that the starter needs. */
async function systemTools(): Promise<string> {
  const bin = await folder()
  for (const name of ['sh', 'sed', 'dirname', 'printf']) {
    const { stdout } = await run('sh', ['-c', `command -v ${name} || true`])
    if (stdout.startsWith('/')) await symlink(stdout.trim(), join(bin, name))
  }
  return bin
}

const starter = join(PLUGIN, 'bin', 'switchboard')

describe("the plugin's starter", () => {
  it.each([
    ['SWITCHBOARD_HOME', (home: string) => ({ SWITCHBOARD_HOME: home }), ''],
    ['XDG_DATA_HOME', (home: string) => ({ XDG_DATA_HOME: home }), 'switchboard'],
    [
      'an XDG_DATA_HOME that is relative',
      (home: string) => ({ XDG_DATA_HOME: 'x', HOME: home }),
      '.local/share/switchboard',
    ],
    ['HOME', (home: string) => ({ HOME: home }), '.local/share/switchboard'],
  ])('finds the Node that was noted, with none on the PATH, by %s', async (_, envOf, below) => {
    const home = await folder()
    await mkdir(join(home, below), { recursive: true })
    await writeFile(join(home, below, 'node'), `${process.execPath}\n`)
    const { stdout } = await run(starter, ['--version'], { env: { PATH: await systemTools(), ...envOf(home) } })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('takes the one on the PATH where the noted one is gone', async () => {
    const home = await folder()
    await writeFile(join(home, 'node'), '/nowhere/node\n')
    const PATH = `${await systemTools()}:${dirname(process.execPath)}`
    const { stdout } = await run(starter, ['--version'], { env: { PATH, SWITCHBOARD_HOME: home } })
    expect(stdout).toMatch(/^\d/)
  })

  it.skipIf(!canBeOthers)('runs no program that another user has noted, or leads to', async () => {
    const shared = await sharedFolder()
    const evil = join(shared, 'evil')
    await writeFile(evil, '#!/bin/sh\necho evil\n', { mode: 0o755 })
    const [home, others] = [await folder(), folderOf(ATTACKER, join(shared, 'home'), 0o755)]
    const PATH = `${await systemTools()}:${dirname(process.execPath)}`
    const version = async (at: string) =>
      (await run(starter, ['--version'], { env: { PATH, SWITCHBOARD_HOME: at } })).stdout
    const noted = join(home, 'node')
    await writeFile(noted, `${evil}\n`)
    expect(await version(home)).toBe('evil\n')
    give(noted, ATTACKER)
    expect(await version(home)).toMatch(/^\d/)
    // A folder of another user, with a file of this one in it; and a link to such a file.
    await writeFile(join(others, 'node'), `${evil}\n`)
    expect(await version(others)).toMatch(/^\d/)
    await rm(noted)
    await symlink(join(others, 'node'), noted)
    expect(await version(home)).toMatch(/^\d/)
  })

  it('says what to do where there is none, and lets no hook fail for it', async () => {
    const env = { PATH: await systemTools(), HOME: await folder() }
    await expect(run(starter, ['mcp'], { env })).rejects.toMatchObject({
      code: 127,
      stderr: expect.stringContaining('switchboard setup claude'),
    })
    for (const command of ['rewake', 'monitor']) await expect(run(starter, [command], { env })).resolves.toBeDefined()
  })

  it('runs from a folder with blanks, quotes and dollars in its name', async () => {
    const top = await folder(`it's "a" $HOME \`x\` folder`)
    for (const part of ['bin', 'dist', 'package.json'])
      await cp(join(PLUGIN, part), join(top, part), { recursive: true })
    const home = join(top, 'home with "quotes"')
    const env = { PATH: process.env.PATH, HOME: top, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
    const call = (...args: string[]) => run(join(top, 'bin', 'switchboard'), args, { env, cwd: top })
    try {
      expect(JSON.parse((await call('register', 'backend', '--json')).stdout)).toMatchObject({ name: 'backend' })
      expect(JSON.parse((await call('status', '--json')).stdout)).toMatchObject({ hub: { running: true } })
    } finally {
      await call('stop')
    }
  })
})

describe('a current folder that is deleted', () => {
  it.each([['--version'], ['status'], ['doctor'], ['sessions'], ['register', 'x'], ['claims', '/src/a.ts']])(
    'does not keep `%s` from working',
    async (...args) => {
      const home = await folder()
      const env = {
        PATH: process.env.PATH,
        HOME: home,
        SWITCHBOARD_HOME: home,
        SWITCHBOARD_PORT: '0',
        DIST,
        NODE: process.execPath,
      }
      const line = (words: string) =>
        `mkdir "$HOME/gone" && cd "$HOME/gone" && rmdir "$HOME/gone" && "$NODE" "$DIST/main.js" ${words}`
      const ran = await run('sh', ['-c', `${line(args.join(' '))}; echo "exit $?"`], { env })
      await run(process.execPath, [join(DIST, 'main.js'), 'stop'], { env })
      expect(ran.stderr).not.toContain('uv_cwd')
      // 6: `status` where no hub runs.
      expect(ran.stdout).toMatch(
        args[0] === 'status' ? /exit 6\n$/ : args[0] === 'doctor' ? /exit [01]\n$/ : /exit 0\n$/,
      )
    },
  )
})
