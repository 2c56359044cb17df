import { statSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { announce } from '../../src/home/hub-file.ts'
import { type HomePaths, homePaths } from '../../src/home/paths.ts'
import { connectPrivately, findSocket, hubSocket, listenInHome, listenPrivately } from '../../src/home/sockets.ts'

const NAME = 'hub.sock'

async function home(chars = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'swb-home-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return homePaths({ SWITCHBOARD_HOME: chars === 0 ? folder : join(folder, 'x'.repeat(chars)) })
}

/** Where a server of this home listens; it has stopped again. */
async function socketPlace(paths: HomePaths, name: string): Promise<string> {
  const server = createServer()
  const path = await listenInHome(server, paths, name)
  await new Promise(resolve => server.close(resolve))
  return path
}

async function listen(path: string) {
  const server = createServer(socket => socket.end('hello'))
  await listenPrivately(server, path)
  onTestFinished(() => void server.close())
  return server
}

async function said(path: string): Promise<string> {
  let text = ''
  for await (const chunk of connectPrivately(path)) text += chunk
  return text
}

describe('a socket of a home', () => {
  it.each([0o000, 0o022, 0o077, 0o777])(
    'is its owner’s alone under umask %o, also at the moment it appears',
    async umask => {
      const paths = await home()
      const path = await socketPlace(paths, NAME)
      const before = process.umask(umask)
      onTestFinished(() => void process.umask(before))
      const server = createServer()
      const modes: number[] = []
      const bind = server.listen.bind(server)
      server.listen = ((...options: Parameters<typeof bind>) => {
        bind(...options)
        modes.push(statSync(path).mode & 0o077)
        return server
      }) as typeof server.listen
      await listenPrivately(server, path)
      onTestFinished(() => void server.close())
      process.umask(before)
      expect(modes).toEqual([0])
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    },
  )

  it('lies in the data folder, whatever the environment says of runtime and temp folders', async () => {
    const { data } = await home()
    for (const [name, value] of [
      ['XDG_RUNTIME_DIR', '/run/user/0'],
      ['TMPDIR', '/var/tmp'],
    ] as const) {
      expect(await socketPlace(homePaths({ SWITCHBOARD_HOME: data, [name]: value }), NAME)).toBe(join(data, NAME))
    }
  })

  it('is removed by its server alone, and the next one takes the place of one that was killed', async () => {
    const paths = await home()
    const path = await socketPlace(paths, NAME)
    await listen(path)
    await listen(path)
    expect(await said(path)).toBe('hello')
  })
})

describe('a home with a path that is too long for a socket', () => {
  it('has a short folder that its programs find, and no other home does', async () => {
    const [one, other] = [await home(120), await home(120)]
    const path = await socketPlace(one, NAME)
    onTestFinished(() => rm(dirname(path), { recursive: true }))
    expect(Buffer.byteLength(path)).toBeLessThan(104)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect(await socketPlace(one, NAME)).toBe(path)
    await listen(path)
    expect(findSocket(one, NAME)).toBe(path)
    expect(findSocket(other, NAME)).not.toBe(path)
    expect(await said(hubSocket(one))).toBe('hello')
  })

  it('says which file is damaged that names this folder', async () => {
    const paths = await home(120)
    await mkdir(paths.data, { mode: 0o700 })
    await writeFile(paths.socketKey, '', { mode: 0o600 })
    await expect(socketPlace(paths, NAME)).rejects.toMatchObject({ message: expect.stringContaining(paths.socketKey) })
    expect(() => findSocket(paths, NAME)).toThrow(paths.socketKey)
  })
})

describe('a data folder that can hold no socket', () => {
  const unfit = (code: string) => Object.assign(new Error(`listen ${code}`), { code })

  it.each(['EOPNOTSUPP', 'EPERM', 'EINVAL'])('says %s, and a short folder serves', async code => {
    const paths = await home()
    const server = createServer(socket => socket.end('hello'))
    onTestFinished(() => void server.close())
    const path = await listenInHome(server, paths, NAME, {
      listen: async (server, path) => {
        if (path === paths.socket) throw unfit(code)
        await listenPrivately(server, path)
      },
    })
    onTestFinished(() => rm(dirname(path), { recursive: true }))
    expect(path).not.toBe(paths.socket)
    expect(await said(hubSocket(paths))).toBe('hello')
  })

  it('is said with the way out where nothing else serves either', async () => {
    const paths = await home()
    const listen = async () => Promise.reject(unfit('EPERM'))
    await expect(listenInHome(createServer(), paths, NAME, { listen })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(paths.socket),
      next: expect.stringContaining('sandbox'),
    })
  })

  it('is not taken for the fault of a full disk', async () => {
    const listen = async () => Promise.reject(unfit('ENOSPC'))
    await expect(listenInHome(createServer(), await home(), NAME, { listen })).rejects.toMatchObject({ code: 'ENOSPC' })
  })
})

describe('the hub of a home', () => {
  const hub = { pid: 1, version: '1', url: '', started_at: '' }

  it('is where it said, through whichever links, as long as that is there', async () => {
    const [paths, elsewhere] = [await home(), await home()]
    const link = join(elsewhere.data, 'link')
    await symlink(paths.data, link)
    const socket = join(link, NAME)
    await announce(paths, { ...hub, socket })
    expect(hubSocket(paths)).toBe(paths.socket)
    await listen(paths.socket)
    expect(hubSocket(paths)).toBe(socket)
  })

  it.each([
    ['a short path', 0],
    ['a path that is too long for a socket', 120],
  ])('is not that of the home that this one is a copy of, with %s', async (_, chars) => {
    const [original, copy] = [await home(chars), await home(chars)]
    const socket = await socketPlace(original, NAME)
    await announce(original, { ...hub, socket })
    await rm(copy.data, { recursive: true, force: true })
    await cp(original.data, copy.data, { recursive: true, filter: path => !path.endsWith('.sock') })
    await listen(socket)
    if (chars > 0) onTestFinished(() => rm(dirname(socket), { recursive: true }))
    expect(await said(hubSocket(original))).toBe('hello')
    expect(hubSocket(copy)).toBe(copy.socket)
    expect(await socketPlace(copy, NAME)).not.toBe(socket)
    expect(await said(hubSocket(original))).toBe('hello')
  })

  it('is not what something else listens at, or what cannot be', async () => {
    const [paths, elsewhere] = [await home(), await home()]
    await listen(elsewhere.socket)
    for (const socket of [elsewhere.socket, `/${'q'.repeat(5_000)}`, '/tmp/a\0b', '/etc/passwd', '/']) {
      await announce(paths, { ...hub, socket })
      expect(hubSocket(paths)).toBe(paths.socket)
    }
  })

  it.each(['', '{', '[]', 'null', '{"socket":1}', '{"socket":"relative"}'])(
    'is where it would be where it said %j',
    async text => {
      const paths = await home()
      await writeFile(paths.hubFile, text, { mode: 0o600 })
      expect(hubSocket(paths)).toBe(paths.socket)
    },
  )
})
