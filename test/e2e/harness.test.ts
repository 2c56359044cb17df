import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runPrint, StreamSession, TerminalSession } from './harness/client.ts'
import { fetchClient } from './harness/fetch-client.ts'
import { fixtureIn } from './harness/fixtures/fixture.ts'
import { lastUserText, placesOf } from './harness/model-request.ts'
import { script } from './harness/model-script.ts'
import { Sandbox } from './harness/sandbox.ts'
import { waitFor } from './harness/wait.ts'

const isRoot = process.getuid?.() === 0
const LETTER = '<letter>the letter for the doorbell</letter>'

describe('the client', () => {
  // biome-ignore lint/plugin: it may have to fetch 200 MB first.
  test('is installed once, however many ask for it at the same time', { timeout: 300_000 }, async () => {
    const [first, second] = await Promise.all([fetchClient(), fetchClient()])
    expect(first).toBe(second)
    expect(existsSync(first)).toBe(true)
  })
})

describe('the sandbox', () => {
  test.skipIf(!isRoot)('has loopback as its only network', async () => {
    await using sandbox = await Sandbox.create()
    expect(sandbox.network.isolated).toBe(true)
    const { stdout } = await sandbox.exec(['cat', '/proc/net/dev'])
    expect(stdout.match(/^ *\w+:/gm)).toEqual(['    lo:'])
  })

  test('without root says why it is not isolated', async () => {
    await using sandbox = await Sandbox.create()
    expect(sandbox.network.whyNotIsolated === undefined).toBe(sandbox.network.isolated)
  })

  test('offers worktrees that the client trusts', async () => {
    await using sandbox = await Sandbox.create({ projects: ['app', 'lib'] })
    const worktree = await sandbox.addWorktree('feature')
    const { result, messages } = await runPrint(sandbox, script({ text: 'in the worktree' }), { cwd: worktree })
    expect(result).toBe('in the worktree')
    expect(messages.find(message => message.subtype === 'init')?.cwd).toBe(worktree)
  })

  test.skipIf(!isRoot)('runs as another OS user, to whom bypass mode is not refused', async () => {
    await using asRoot = await Sandbox.create()
    const refused = await runPrint(asRoot, 'hello', { permissionMode: 'bypassPermissions' })
    expect(refused.stderr).toContain('root')

    await using asNobody = await Sandbox.create({ user: 'nobody' })
    const step = { tool: 'Bash', input: { command: 'id -un' } }
    const { sessionId } = await runPrint(asNobody, script(step), { permissionMode: 'bypassPermissions' })
    expect(asNobody.model.textSeenBy(sessionId)).toContain('nobody')
  })
})

describe('the scripted model', () => {
  test('plays the steps of a prompt through tool calls and shows where the model saw what', async () => {
    await using sandbox = await Sandbox.create()
    const call = { tool: 'Bash', input: { command: 'echo from-the-tool' } }
    const turn = await runPrint(sandbox, script(call, { text: 'all done' }), { allowedTools: ['Bash'] })
    expect(turn).toMatchObject({ code: 0, result: 'all done' })

    const requests = sandbox.model.requestsOf(turn.sessionId)
    expect(requests).toHaveLength(2)
    const results = placesOf(requests[1]!, 'from-the-tool').filter(place => place.kind === 'tool_result')
    expect(results).toHaveLength(1)
  })

  test('plays queued steps to the turn that they are for', async () => {
    await using sandbox = await Sandbox.create()
    sandbox.model.queue({ match: 'second', steps: [{ text: 'for the second' }] })
    expect((await runPrint(sandbox, 'first')).result).toBe('heard: first')
    expect((await runPrint(sandbox, 'second')).result).toBe('for the second')
  })

  test('tells a subagent from the session that started it', async () => {
    await using sandbox = await Sandbox.create()
    const input = { description: 'look', prompt: script({ text: 'looked' }), subagent_type: 'Explore' }
    sandbox.model.queue({ match: 'delegate', steps: [{ tool: 'Agent', input }] })
    const { sessionId } = await runPrint(sandbox, 'delegate', { allowedTools: ['Agent'] })
    const [task] = sandbox.model.requests.filter(request => request.kind === 'subagent')
    expect(task?.sessionId).toBe(sessionId)
    expect(sandbox.model.requestsOf(sessionId).every(request => request.kind === 'main')).toBe(true)
  })

  test('can refuse', async () => {
    await using sandbox = await Sandbox.create()
    const error = { type: 'invalid_request_error', message: 'not today' }
    const turn = await runPrint(sandbox, script({ status: 400, error }))
    expect(turn.code).not.toBe(0)
    expect(turn.result).toContain('not today')
  })

  test('can hold an answer back until the test wants it', async () => {
    await using sandbox = await Sandbox.create()
    const session = StreamSession.start(sandbox)
    session.send(script({ text: 'at last', held: true }))
    await sandbox.model.waitForRequest(request => lastUserText(request).includes('at last'))
    expect(session.results).toEqual([])
    await sandbox.model.release()
    expect((await session.waitForResult(0)).result).toBe('at last')
  })
})

describe('a stream-json session', () => {
  test('takes turn after turn under one id and exits when its input ends', async () => {
    await using sandbox = await Sandbox.create()
    const session = StreamSession.start(sandbox)
    expect((await session.turn('one')).result).toBe('heard: one')
    expect((await session.turn('two')).result).toBe('heard: two')
    expect(sandbox.model.requestsOf(session.sessionId!)).toHaveLength(2)
    expect((await session.status())?.sessionId).toBe(session.sessionId)
    expect(await session.end()).toBe(0)
  })

  test('is woken by its own server, and the prompt hook brings the letter', async () => {
    await using sandbox = await Sandbox.create()
    const fixture = fixtureIn(sandbox)
    const session = StreamSession.start(sandbox, fixture.launch)
    await session.turn('hello')
    await fixture.ring(session.pid, 'the doorbell rings')
    await session.waitForResult(1)
    expect(sandbox.model.textSeenBy(session.sessionId!)).toContain(LETTER)
  })
})

describe('a terminal session', () => {
  test('takes a prompt, and /clear gives the same process a new session id', async () => {
    await using sandbox = await Sandbox.create()
    const fixture = fixtureIn(sandbox)
    const session = await TerminalSession.start(sandbox, fixture.launch)
    const before = await session.sessionId()
    await session.prompt('good morning')
    expect(await session.screen()).toContain('heard: good morning')

    const after = await session.clear()
    await session.prompt('a fresh start')
    expect(after).not.toBe(before)
    expect(sandbox.model.textSeenBy(after)).not.toContain('good morning')
    const prompts = (await fixture.entries()).filter(entry => entry.prompt !== undefined)
    expect(prompts.map(entry => entry.sessionId)).toEqual([before, after])
  })

  test('is woken from idle by its own server, and the model sees bell and letter once, in one request', async () => {
    await using sandbox = await Sandbox.create()
    const fixture = fixtureIn(sandbox)
    const session = await TerminalSession.start(sandbox, fixture.launch)
    await session.prompt('hello')
    await session.waitForIdle()

    const after = sandbox.model.lastSeq
    await fixture.ring(session.pid, 'the doorbell rings')
    const woken = await sandbox.model.waitForRequest(request => placesOf(request, LETTER).length > 0, { after })
    await session.waitForIdle()
    expect(placesOf(woken, LETTER).map(place => place.role)).toEqual(['system'])
    expect(placesOf(woken, 'the doorbell rings').map(place => place.role)).toEqual(['user'])
    expect(sandbox.model.lastSeq).toBe(woken.seq)
  })

  test('shows busy and dialogs in its status', async () => {
    await using sandbox = await Sandbox.create()
    const session = await TerminalSession.start(sandbox, { permissionMode: 'manual' })
    const ask = { tool: 'Bash', input: { command: 'touch asked' }, held: true }
    await session.submit(script(ask, { text: 'touched' }))
    await session.waitForBusy()
    await sandbox.model.release()
    expect(await session.waitForDialog()).toMatchObject({ waitingFor: 'permission prompt' })
    expect(await session.answerDialog('Enter')).toContain('Do you want to proceed?')
    await session.waitForScreen('● touched')
    await session.waitForIdle()
    expect(existsSync(`${sandbox.project}/asked`)).toBe(true)
  })

  test('compacts, and the script goes on where it was', async () => {
    await using sandbox = await Sandbox.create()
    const fixture = fixtureIn(sandbox)
    const session = await TerminalSession.start(sandbox, fixture.launch)
    await session.prompt('something to sum up')
    sandbox.model.queue({ steps: [{ text: 'the step after' }] })
    await session.compact()
    await session.prompt('go on')
    expect(await session.screen()).toContain('the step after')
    expect(sandbox.model.textSeenBy(await session.sessionId())).toContain('what happened so far')
    expect(await sources(fixture)).toEqual(['startup', 'compact'])
  })

  test('can be resumed under its id and forked under a new one', async () => {
    await using sandbox = await Sandbox.create()
    const fixture = fixtureIn(sandbox)
    const first = await TerminalSession.start(sandbox, { ...fixture.launch, name: 'alice' })
    expect(await first.status()).toMatchObject({ name: 'alice' })
    await first.prompt('remember me')
    const id = await first.sessionId()
    await first.exit()

    const resumed = await TerminalSession.start(sandbox, { ...fixture.launch, resume: id })
    await resumed.prompt('and again')
    expect(await resumed.sessionId()).toBe(id)
    expect(sandbox.model.textSeenBy(id)).toContain('remember me')
    await resumed.dispose()

    const fork = await runPrint(sandbox, 'elsewhere', { ...fixture.launch, resume: id, fork: true })
    expect(fork.sessionId).not.toBe(id)
    expect(sandbox.model.textSeenBy(fork.sessionId)).toContain('remember me')
    expect(await sources(fixture)).toEqual(['startup', 'resume', 'fork'])
  })
})

describe('the end', () => {
  test('leaves no process, socket or folder behind, not even after kill -9', async () => {
    const sandbox = await Sandbox.create()
    const { home, root } = sandbox
    const fixture = fixtureIn(sandbox)
    const mayUseBash = { ...fixture.launch, permissionMode: 'manual' as const, allowedTools: ['Bash'] }
    const killed = await TerminalSession.start(sandbox, mayUseBash)
    const { messagingSocketPath } = await killed.waitForIdle()
    await killed.prompt(script({ tool: 'Bash', input: { command: 'setsid sleep 600 >/dev/null 2>&1 &' } }))
    await killed.kill()
    expect(existsSync(messagingSocketPath!)).toBe(true)

    const running = StreamSession.start(sandbox, fixture.launch)
    await running.turn('still here')
    expect(processesWith(home)).not.toEqual([])

    await sandbox.dispose()
    expect(processesWith(home)).toEqual([])
    expect(existsSync(root)).toBe(false)
    expect(existsSync(messagingSocketPath!)).toBe(false)
  })

  test('a background session and its daemon go as well', async () => {
    const sandbox = await Sandbox.create()
    const session = await TerminalSession.start(sandbox)
    await session.prompt('hello')
    await session.submit('/fork go on by yourself')
    await waitFor(
      'the background session',
      () => sandbox.model.requests.some(it => lastUserText(it).includes('yourself')),
      { detail: () => session.screen() },
    )
    const daemon = daemonFolder(sandbox.home)
    expect(existsSync(daemon)).toBe(true)
    await sandbox.dispose()
    expect(processesWith(sandbox.home)).toEqual([])
    expect(existsSync(daemon)).toBe(false)
  })
})

async function sources(fixture: ReturnType<typeof fixtureIn>): Promise<unknown[]> {
  const starts = (await fixture.entries()).filter(entry => entry.hook === 'SessionStart')
  return starts.map(entry => entry.input?.source)
}

/** Running processes with this HOME; a zombie has no environment any more. */
function processesWith(home: string): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${home}\0`)
    } catch {
      return false
    }
  })
}

/** Other test files may have daemons of their own beside it. */
function daemonFolder(home: string): string {
  const ofHome = createHash('sha256').update(`${home}/.claude`).digest('hex').slice(0, 8)
  return `/tmp/cc-daemon-${process.getuid?.()}/${ofHome}`
}
