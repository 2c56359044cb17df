import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm, symlink } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { savedSession, saveSession } from '../../src/home/credentials.ts'
import { homePaths } from '../../src/home/paths.ts'
import { openShell, type Shell } from './support/shell.ts'

interface Self {
  id: string
  name: string
  agent?: string
  cwd?: string
}

describe('whom a command acts as', () => {
  let shell: Shell
  beforeAll(async () => {
    shell = await openShell()
  })
  afterAll(() => shell.close())
  const agent = (id: string) => ({ env: { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: id } })

  it('is the operator in a plain shell', async () => {
    expect(await shell.json<Self>(['whoami'])).toMatchObject({ id: 'operator' })
  })

  it('is the operator where SWITCHBOARD_TOKEN is set to nothing', async () => {
    const env = { SWITCHBOARD_TOKEN: '', SWITCHBOARD_URL: '' }
    expect(await shell.json<Self>(['whoami'], { env })).toMatchObject({ id: 'operator' })
  })

  it('is the owner of SWITCHBOARD_TOKEN, inside an agent too', async () => {
    const { credential, session_id } = await shell.json<{ credential: string; session_id: string }>([
      'register',
      'self',
    ])
    const env = { ...agent('other').env, SWITCHBOARD_TOKEN: credential }
    expect(await shell.json<Self>(['whoami'], { env })).toMatchObject({ id: session_id, name: 'self' })
  })

  it('is, inside an agent, the session that its own process registered', async () => {
    const made = await shell.json<{ credential: string; session_id: string; name: string }>(['register', 'mine'])
    await saveSession(homePaths(shell.env), 'claude-1', made)
    expect(await shell.json<Self>(['whoami'], agent('claude-1'))).toMatchObject({ id: made.session_id, name: 'mine' })
  })

  it('is, inside an agent that is not there yet, a new session of that folder, the same for all its commands', async () => {
    execFileSync('git', ['init', '--quiet', '--initial-branch', 'feature', shell.folder])
    const first = await shell.json<Self & { repo: string }>(['whoami'], agent('claude-2'))
    expect(first).toMatchObject({ name: 'feature', agent: 'claude-code', cwd: shell.folder })
    expect(first.repo).toMatch(/^project~/)
    expect(await shell.json<Self>(['whoami'], agent('claude-2'))).toMatchObject({ id: first.id })
    expect((await shell.json<Self>(['whoami'], agent('claude-3'))).id).not.toBe(first.id)
    expect(await savedSession(homePaths(shell.env), 'claude-2')).toMatchObject({
      session_id: first.id,
      name: 'feature',
    })
    expect(await shell.json<Self>(['whoami'])).toMatchObject({ id: 'operator' })
  })

  it('is never the operator inside an agent that does not say which session it is', async () => {
    const { code, stderr } = await shell.run(['publish', 'x'], { env: { CLAUDECODE: '1' } })
    expect(code).toBe(5)
    expect(stderr).toContain('expected CLAUDE_CODE_SESSION_ID')
    expect(stderr).toContain('next: Set SWITCHBOARD_TOKEN')
  })

  it('may not stop the hub or make tokens inside an agent', async () => {
    await shell.json(['whoami'], agent('claude-4'))
    for (const args of [['stop'], ['token', 'create', 'x'], ['prune', '--keep-newest', '0']]) {
      expect((await shell.run(args, agent('claude-4'))).code).toBe(5)
    }
    expect((await shell.run(['status'])).code).toBe(0)
  })

  it('changes its own entry with `register` inside an agent, and comes back after it left', async () => {
    const before = await shell.json<Self>(['whoami'], agent('claude-5'))
    const renamed = await shell.json<{ session_id: string }>(
      ['register', 'builder', '--role', 'dev'],
      agent('claude-5'),
    )
    expect(renamed).toMatchObject({ session_id: before.id, name: 'builder', role: 'dev' })
    await shell.json(['leave'], agent('claude-5'))
    expect((await shell.run(['inbox'], agent('claude-5'))).code).toBe(4)
    expect(await shell.json(['register'], agent('claude-5'))).toMatchObject({ session_id: before.id, resumed: true })
    expect((await shell.run(['inbox'], agent('claude-5'))).code).toBe(0)
  })

  it.skipIf(!existsSync('/proc/self'))(
    'is the same session in each command where the home cannot be written',
    async () => {
      const { sessionsFolder } = homePaths(shell.env)
      await rename(sessionsFolder, `${sessionsFolder}.kept`)
      // Nothing can be made there, by nobody.
      await symlink('/proc/nope', sessionsFolder)
      try {
        const { id } = await shell.json<Self>(['whoami'], agent('claude-7'))
        const joined = await shell.json<{ session_id: string }>(['register', 'boxed'], agent('claude-7'))
        expect(joined).toMatchObject({ session_id: id, name: 'boxed' })
        expect(await shell.json<Self>(['whoami'], agent('claude-7'))).toMatchObject({ id, name: 'boxed' })
        expect((await shell.run(['publish', 'from a sandbox'], agent('claude-7'))).code).toBe(0)
      } finally {
        await rm(sessionsFolder)
        await rename(`${sessionsFolder}.kept`, sessionsFolder)
      }
    },
  )

  it('gets over a saved credential that is void', async () => {
    const paths = homePaths(shell.env)
    await saveSession(paths, 'claude-6', {
      session_id: 'ses_aaaaaaaaaaaa',
      name: 'x',
      credential: 'swb_session_void_x',
    })
    expect((await shell.run(['whoami'], agent('claude-6'))).code).toBe(5)
    await shell.json(['register', 'again'], agent('claude-6'))
    expect(await shell.json<Self>(['whoami'], agent('claude-6'))).toMatchObject({ name: 'again' })
  })

  it('is a new session after `register` in a plain shell, which says how to act as it', async () => {
    const { stdout } = await shell.run(['register', 'sheller'])
    const line = /^ {2}(SWITCHBOARD_TOKEN=swb_session_\S+) .*inbox$/m.exec(stdout)?.[1]
    expect(line).toBeDefined()
    const { stdout: who } = await shell.line(`${line} switchboard whoami --json`)
    expect(JSON.parse(who)).toMatchObject({ name: 'sheller', agent: 'shell' })
    expect(await shell.json<Self>(['whoami'])).toMatchObject({ id: 'operator' })
  })

  it('resumes the same session by the same client id', async () => {
    const register = () => shell.json<{ session_id: string }>(['register', 'ci', '--client-id', 'job-7'])
    const first = await register()
    expect(await register()).toMatchObject({ session_id: first.session_id, resumed: true })
  })
})
