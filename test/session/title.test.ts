import { describe, expect, it } from 'vitest'
import { createTitle } from '../../src/session/title.ts'
import { until } from '../until.ts'
import { scripted, switchboard } from './support/scripted.ts'

describe('a session on the bus', () => {
  it('is called what its client was told from the start, and what a person renames it to, at once', async () => {
    const bus = await switchboard()
    const agent = await scripted(bus, { id: 'named', says: { status: 'idle', name: 'docs writer' } })
    expect(agent.name).toBe('docs-writer')
    await agent.rename('release notes', 'user')
    await until(async () => (await agent.tool('whoami')).name === 'release-notes')
    // The agent takes another: that one stays, until the person names it again.
    await agent.tool('register', { name: 'backend' })
    await agent.status('busy')
    await agent.hook('UserPromptSubmit', { session_title: 'release notes' })
    expect((await agent.tool('whoami')).name).toBe('backend')
    await agent.rename('reviewer')
    await until(async () => (await agent.tool('whoami')).name === 'reviewer')
  })

  it.each(['derived', 'auto'])('is not called what its client made up (%s)', async nameSource => {
    const bus = await switchboard()
    const agent = await scripted(bus, { id: 'made-up', says: { status: 'idle', name: 'made-up-1a', nameSource } })
    await agent.hook('UserPromptSubmit', { session_title: 'a title of another plugin' })
    await agent.rename('made-up-2b', nameSource)
    await agent.rename('given', 'user')
    await until(async () => (await agent.tool('whoami')).name !== agent.name)
    expect((await agent.tool('whoami')).name).toBe('given')
    expect(agent.name).not.toBe('made-up-1a')
  })

  it('is called what a prompt tells where the client has no file', async () => {
    const bus = await switchboard()
    const agent = await scripted(bus, { id: 'without-a-file' })
    await agent.hook('UserPromptSubmit', { session_title: 'docs-writer' })
    await until(async () => (await agent.tool('whoami')).name === 'docs-writer')
    await agent.hook('UserPromptSubmit', { session_title: '' })
    expect((await agent.tool('whoami')).name).toBe('docs-writer')
  })

  it('keeps its name when its session process starts anew, is cleared or resumed, also on another branch', async () => {
    const bus = await switchboard()
    const first = await scripted(bus, { id: 'kept', says: { status: 'idle', name: 'docs-writer' } })
    await first.tool('register', { name: 'backend' })
    first.kill()
    const again = await scripted(bus, { id: 'kept', says: { status: 'idle', name: 'docs-writer' } })
    expect(again).toMatchObject({ busId: first.busId, name: 'backend' })
    again.converse('cleared')
    await again.hook('SessionStart', { source: 'clear' })
    await again.status('idle')
    await until(async () => (await bus.operator.call('list_sessions', {})).sessions.length === 1)
    expect(await again.tool('whoami')).toMatchObject({ id: first.busId, name: 'backend' })
  })
})

describe('what a client calls its session', () => {
  /** A client whose file says this; changes are told. */
  function aClient(first: { given?: string } | undefined) {
    let said = first
    let changed = () => {}
    const told: string[] = []
    const title = createTitle({
      title: () => said,
      watch: callBack => {
        changed = callBack
        return () => {
          changed = () => {}
        }
      },
    })
    return {
      title,
      told,
      listen: () => title.onChange(name => void told.push(name)),
      says(next: typeof first) {
        said = next
        changed()
      },
    }
  }

  it('is told once, unless it was asked for before', () => {
    const { title, told, listen, says } = aClient({ given: 'a' })
    expect(title.present).toBe('a')
    listen()
    says({ given: 'a' })
    title.heard('of a hook')
    expect(told).toEqual([])
    says({ given: 'b' })
    says({})
    says({ given: 'b' })
    says({ given: 'c' })
    expect(told).toEqual(['b', 'c'])
    title.close()
    says({ given: 'd' })
    expect(told).toEqual(['b', 'c'])
  })

  it('is told where it came between the question and the listener', () => {
    const { title, told, listen, says } = aClient({})
    expect(title.present).toBeUndefined()
    says({ given: 'a' })
    listen()
    expect(told).toEqual(['a'])
  })

  it.each([
    ['  ', undefined],
    [' a ', 'a'],
    ['x'.repeat(130), 'x'.repeat(119)],
    ['a\ud800', 'a\ufffd'],
  ])('is text that the hub takes: %j', (given, present) => {
    const found = aClient({ given }).title.present
    expect(found?.slice(0, 119)).toBe(present)
    expect(found?.length ?? 0).toBeLessThanOrEqual(120)
  })
})
