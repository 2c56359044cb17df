import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Client, connect, type StreamItem } from '../../src/client/index.ts'
import { DIST } from '../program.ts'
import { until } from '../until.ts'
import { testHome, tryKill } from './support/home.ts'

function clientOf(env: NodeJS.ProcessEnv, options = {}): Client {
  const client = connect({ env, deadlineMs: 20_000, ...options })
  onTestFinished(() => client.close())
  return client
}

/** Asked of the hub itself: its file may be of one that was killed. */
async function pidOf(client: Client): Promise<number> {
  return ((await client.request('GET', '/v1/hub')) as { pid: number }).pid
}

async function textsOf(client: Client): Promise<string[]> {
  const { events } = await client.call('get_events', { types: ['message'], limit: 500, order: 'asc' })
  return events.map(event => event.text)
}

describe('a hub that is not running', () => {
  it('is started by the first call, with a log that only the user can read', async () => {
    const { env, paths } = await testHome()
    expect(await clientOf(env).request('GET', '/v1/hub')).toMatchObject({ socket: paths.socket })
    expect((await stat(paths.logFile)).mode & 0o777).toBe(0o600)
  })

  it('is started exactly once by twenty clients at the same time', async () => {
    const { env, paths } = await testHome()
    const pids = await Promise.all(Array.from({ length: 20 }, () => pidOf(clientOf(env))))
    expect(new Set(pids).size).toBe(1)
    const started = (await readFile(paths.logFile, 'utf8')).split('\n').filter(line => line.includes('"started"'))
    expect(started).toHaveLength(1)
  })

  it('stays away where the caller says so', async () => {
    const { env, hubPid } = await testHome()
    const client = clientOf(env, { startHub: false, deadlineMs: 200 })
    await expect(client.request('GET', '/v1/hub')).rejects.toMatchObject({ code: 'hub_unavailable' })
    expect(await hubPid()).toBeUndefined()
  })

  it('inherits nothing that belongs to the session that started it', async () => {
    const { env, hubPid } = await testHome()
    const session = { CLAUDE_CODE_MESSAGING_TOKEN: 'secret', CLAUDE_CODE_SESSION_ID: 'x', TMUX_PANE: '%1' }
    await clientOf({ ...env, ...session }).request('GET', '/v1/hub')
    const environ = await readFile(`/proc/${await until(hubPid)}/environ`, 'utf8').catch(() => '')
    for (const name of Object.keys(session)) expect(environ).not.toContain(name)
  })
})

describe('a hub that is killed', () => {
  it('under a writer loses nothing and does nothing twice', async () => {
    const { env } = await testHome()
    const client = clientOf(env)
    const sent: string[] = []
    let pid: number | undefined
    for (let i = 0; i < 60; i++) {
      if (i % 20 === 10) {
        pid = await pidOf(client)
        // While the call is under way, so that its answer may be lost.
        // biome-ignore lint/plugin: the moment of the kill is what is tried; nothing waits for it.
        setTimeout(() => pid && tryKill(pid), i % 3)
      }
      const text = `m${i}`
      sent.push(text)
      await client.call('publish', { text })
    }
    expect(await textsOf(client)).toEqual(sent)
  })

  it('gets a call again with its key as one event', async () => {
    const { env } = await testHome()
    const client = clientOf(env)
    const first = await client.call('publish', { text: 'once' }, { key: 'k' })
    tryKill(await pidOf(client))
    const second = await client.call('publish', { text: 'once' }, { key: 'k' })
    expect(second.event_id).toBe(first.event_id)
    expect(await textsOf(client)).toEqual(['once'])
  })

  it('leaves a stream without gap or repeat', async () => {
    const { env } = await testHome()
    const client = clientOf(env)
    await client.call('publish', { text: 'before' })
    const stop = new AbortController()
    const seen: number[] = []
    const kinds: StreamItem['kind'][] = []
    const reading = (async () => {
      for await (const item of client.stream({ types: ['message'], signal: stop.signal })) {
        kinds.push(item.kind)
        if (item.kind === 'event') seen.push(item.event.id)
      }
    })()
    await until(() => kinds.includes('ready'))
    const sent: number[] = []
    for (let i = 0; i < 30; i++) {
      if (i === 10 || i === 20) tryKill(await pidOf(client))
      sent.push((await client.call('publish', { text: `m${i}` })).event_id)
    }
    await until(() => seen.length >= sent.length)
    stop.abort()
    await reading
    expect(seen).toEqual(sent)
  })
})

it('several programs that need a hub at once share one', async () => {
  const { env } = await testHome()
  const code = `
    const { connect } = await import(${JSON.stringify(pathToFileURL(join(DIST, 'client.js')).href)})
    const client = connect({ deadlineMs: 20000 })
    console.log((await client.request('GET', '/v1/hub')).pid)
    await client.close()`
  const outputs = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout.on('data', chunk => (output += chunk))
      const [exit] = await once(child, 'close')
      expect(exit).toBe(0)
      return output.trim()
    }),
  )
  expect(new Set(outputs).size).toBe(1)
  expect(outputs[0]).toMatch(/^\d+$/)
})
