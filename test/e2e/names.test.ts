import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runPrint, StreamSession, TerminalSession } from './harness/client.ts'
import { CLIENT_VERSION, OLDER_CLIENTS } from './harness/fetch-client.ts'
import { Switchboard } from './support/switchboard.ts'

describe.each([CLIENT_VERSION, ...OLDER_CLIENTS])('client %s', version => {
  test('gives its session the name on the bus that a person gives it: --name, then /rename', async () => {
    await using bus = await Switchboard.create({ version })
    const session = await TerminalSession.start(bus.sandbox, { ...bus.launch, name: 'docs-writer' })
    const before = await bus.session(each => each.name === 'docs-writer')
    await session.prompt('hello')
    await session.submit('/rename release notes')
    await bus.session(each => each.id === before.id && each.name === 'release-notes')
    await session.clear()
    await session.prompt('after the clear')
    await bus.session(each => each.id === before.id && each.name === 'release-notes')
  })

  test('gives it that name in print mode and with stream-json, too', async () => {
    await using bus = await Switchboard.create({ version })
    const session = StreamSession.start(bus.sandbox, { ...bus.launch, name: 'docs-writer' })
    await session.turn('hello')
    await bus.session(each => each.name === 'docs-writer')
    const printed = await runPrint(bus.sandbox, 'hi', { ...bus.launch, name: 'reviewer' })
    expect(printed).toMatchObject({ code: 0, result: 'heard: hi' })
    const { sessions } = await bus.operator.call('list_sessions', { include_gone: true })
    expect(sessions.map(({ name }) => name).sort()).toEqual(['docs-writer', 'reviewer'])
  })
})

describe('a session without a name of its own', () => {
  test('is called after its folder, and keeps that when it is resumed on a branch, where a new one has the branch’s', async () => {
    await using bus = await Switchboard.create()
    const first = await TerminalSession.start(bus.sandbox, bus.launch)
    await first.prompt('hello')
    const before = await bus.session(each => each.name === 'project')
    const conversation = await first.sessionId()
    await first.exit()
    await writeFile(join(bus.sandbox.project, '.git', 'HEAD'), 'ref: refs/heads/fix-login\n')
    const again = await TerminalSession.start(bus.sandbox, { ...bus.launch, resume: conversation })
    await again.prompt('I am back')
    expect(await bus.session(each => each.presence === 'online')).toMatchObject({
      id: before.id,
      name: 'project',
      branch: 'fix-login',
    })
    await TerminalSession.start(bus.sandbox, bus.launch)
    await bus.session(each => each.id !== before.id && each.name === 'fix-login')
  })
})
