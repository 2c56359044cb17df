import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main']

/** Runs git as a person would, whatever git this test itself was started from. */
export async function git(cwd: string, ...args: string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  await promisify(execFile)('git', [...IDENTITY, '-c', 'protocol.file.allow=always', ...args], {
    cwd,
    env: { ...env, GIT_CONFIG_GLOBAL: '/dev/null' },
  })
}

export async function folder(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'swb-ws-')))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

export async function file(path: string, text = ''): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** A repository with one commit. */
export async function repository(at: string): Promise<string> {
  await file(join(at, 'src', 'a.ts'))
  await git(at, 'init', '--quiet')
  await git(at, 'add', '.')
  await git(at, 'commit', '--quiet', '-m', 'first')
  return at
}

/** A home of its own, so that nothing of the tester's is read or written. */
export async function emptyHome(): Promise<{ SWITCHBOARD_HOME: string }> {
  return { SWITCHBOARD_HOME: join(await folder(), 'home') }
}

/** A `git` before the real one on the PATH: a shell script that is told where the real one is. */
export async function standInGit(script: string): Promise<void> {
  const bin = await folder()
  const { PATH = '' } = process.env
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v git'])
  await writeFile(join(bin, 'git'), `#!/bin/sh\nreal=${stdout.trim()}\nhere=${bin}\n${script}\n`, { mode: 0o755 })
  process.env.PATH = `${bin}:${PATH}`
  onTestFinished(() => {
    process.env.PATH = PATH
  })
}
