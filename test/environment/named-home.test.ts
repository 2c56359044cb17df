import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { session } from '../mcp/support/session-process.ts'
import { PLUGIN, PROGRAM } from '../program.ts'

const run = promisify(execFile)
const SENTENCE = 'expected SWITCHBOARD_HOME to be an absolute path, got "bus"'

describe('a relative SWITCHBOARD_HOME', () => {
  let folder: string
  let env: Record<string, string>
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'swb-named-')))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    env = { PATH: process.env.PATH ?? '', HOME: join(folder, 'me'), SWITCHBOARD_HOME: 'bus' }
  })

  it.each([
    'status',
    'start',
    'stop',
    'whoami',
    'register x',
    'sessions --json',
    'doctor',
    'setup claude',
    'hub',
    'monitor',
  ])('is refused by `%s` in one sentence, and makes no home', async words => {
    const ran = await run(process.execPath, [PROGRAM, ...words.split(' ')], { env, cwd: folder }).catch(error => error)
    expect(ran.code).toBe(2)
    const said = (ran.stderr + ran.stdout).replaceAll('\\"', '"')
    expect(said).toContain(SENTENCE)
    expect(said).not.toMatch(/\n\s+at /)
    expect(await readdir(folder)).toEqual([])
  })

  it('is what every tool of a session answers with, whose process lives on', async () => {
    const { tool, errors } = await session(env, { cwd: folder })
    for (const name of ['whoami', 'list_sessions', 'whoami']) {
      expect(await tool(name)).toMatchObject({ isError: true, error: { code: 'invalid_input', message: SENTENCE } })
    }
    expect(errors()).not.toMatch(/\n\s+at /)
    expect(await readdir(folder)).toEqual([])
  })

  it('is not where the plugin’s starter looks for a program to run', async () => {
    await mkdir(join(folder, 'bus'))
    await writeFile(join(folder, 'planted'), '#!/bin/sh\necho planted\n')
    await chmod(join(folder, 'planted'), 0o755)
    await writeFile(join(folder, 'bus', 'node'), `${join(folder, 'planted')}\n`)
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
    const { stdout } = await run(join(PLUGIN, 'bin', 'switchboard'), ['--version'], {
      env: { ...env, PATH },
      cwd: folder,
    })
    expect(stdout).toMatch(/^\d/)
  })
})
