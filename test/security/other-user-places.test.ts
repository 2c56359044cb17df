import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WAKE_ROUTES } from '../../src/bus/wake-routes.ts'
import { connect } from '../../src/client/connect.ts'
import { faultSince } from '../../src/client/hub-log.ts'
import { loadConfig } from '../../src/home/config.ts'
import { savedSession, saveSession, userCredential } from '../../src/home/credentials.ts'
import { machineName } from '../../src/home/machine.ts'
import { type HomePaths, homePaths } from '../../src/home/paths.ts'
import { openToAppend, privateFolder } from '../../src/home/private-files.ts'
import {
  connectPrivately,
  connectToUsers,
  findSocket,
  hubSocket,
  listenInHome,
  listenPrivately,
  wakeSocket,
} from '../../src/home/sockets.ts'
import { successionIn } from '../../src/home/succession.ts'
import { startHub } from '../../src/hub/index.ts'
import { listenForBells } from '../../src/session/doorbell/bells.ts'
import { routeMemory } from '../../src/session/doorbell/memory.ts'
import { ATTACKER, asUser, canBeOthers, folderOf, give, sharedFolder, textsIn, VICTIM } from './other-user.ts'

/*
 * Another OS user has made each place of a home beforehand: as a folder, a socket, a file or a link. Every way in which
 * the project's programs come to a home is then walked as the victim. Nothing of the attacker's may be taken for the
 * victim's, nothing may be sent to the attacker, and some way must say which place it is.
 */

const MARK = 'attacker'
const CLIENT_ID = 'client-of-the-victim'
const CLIENT_PID = 4711

/** Whatever a program could take from the attacker holds the mark, or the port 1. */
function decoy(place: string, socket: string): string {
  const name = basename(place)
  const session = { session_id: `ses_${MARK}`, name: MARK, credential: `swb_session_${MARK}` }
  if (name === 'credential') return `swb_user_${MARK.padEnd(32, 'a')}\n`
  if (name === 'hub.json') return JSON.stringify({ socket, url: MARK })
  if (name === 'config.toml') return '[hub]\nport = 1\n'
  if (name === 'hub.log') return `{"level":60,"msg":"${MARK}"}\n`
  if (name === 'doorbell.json') return JSON.stringify({ 1: { monitor: { degraded: new Date().toISOString(), MARK } } })
  if (name === 'socket-key') return `${MARK.padEnd(32, 'a')}\n`
  return dirname(place).endsWith('sessions') ? JSON.stringify(session) : `${MARK}\n`
}

/** Each way to a home, as one program after the other goes; gives what it found there. */
const WAYS: Record<string, (paths: HomePaths, env: NodeJS.ProcessEnv) => unknown> = {
  'the credential': userCredential,
  'a saved session': paths => savedSession(paths, CLIENT_ID),
  'saving a session': paths =>
    saveSession(paths, CLIENT_ID, { session_id: 'ses_x', name: 'x', credential: 'swb_session_x' }),
  'the settings': ({ configFile }) => loadConfig(configFile, {}),
  'the machine': machineName,
  'the typed client': async (_, env) => {
    const client = connect({ env, startHub: false, deadlineMs: 0 })
    return await client.request('GET', '/v1/hub').finally(() => client.close())
  },
  // Before a session puts its own in that place.
  'who waits to be woken': paths => drained(connectPrivately(findSocket(paths, wakeSocket(CLIENT_PID)))),
  'the wake socket of a session': async paths => {
    const said: string[] = []
    const bells = await listenForBells({
      paths,
      clientPid: CLIENT_PID,
      permitted: WAKE_ROUTES,
      hasRewakeHook: false,
      onBell: () => {},
      log: text => said.push(text),
    })
    await bells.close()
    if (said.length > 0) throw new Error(said.join())
  },
  'the hub’s socket': paths => drained(connectPrivately(hubSocket(paths))),
  'the log, to add to': ({ logFile }) => openToAppend(logFile),
  'the log, to read': ({ logFile }) => faultSince(logFile, 0),
  'the cache of code': ({ state }) => privateFolder(join(state, 'compile-cache')),
  'what is known of routes': async paths =>
    (await routeMemory(paths, '1', () => {})).isDegraded('monitor') ? MARK : 'nothing',
  'the succession': paths => successionIn(paths).predecessorsOf(CLIENT_ID),
  'a hub': async paths => {
    const config = { hub: { port: 0 }, retention: {}, claims: { onEdit: 'ask' as const, repos: {} } }
    await (await startHub({ paths, config })).close()
  },
}

async function drained(socket: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

/** Walks all ways as the victim; gives what was found, and what was said against it. */
async function walk(paths: HomePaths, env: NodeJS.ProcessEnv) {
  const found: string[] = []
  const faults: string[] = []
  for (const [name, way] of Object.entries(WAYS)) {
    try {
      found.push(`${name}: ${JSON.stringify(await asUser(VICTIM, () => way(paths, env)))}`)
    } catch (error) {
      faults.push((error as Error).message)
    }
  }
  return { found, faults }
}

/** What the attacker hears. */
async function listening(path: string): Promise<{ server: Server; heard: string[] }> {
  const heard: string[] = []
  const server = createServer(socket => {
    heard.push('a connection')
    socket.on('data', data => heard.push(String(data)))
    socket.on('error', () => socket.destroy())
    socket.end(`${MARK}\n`)
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  give(path, ATTACKER)
  chmodSync(path, 0o777)
  return { server, heard }
}

const KINDS = ['folder', 'open folder', 'socket', 'file', 'link'] as const

/** `theirs`: a folder of the attacker, for what a link leads to. */
async function make(kind: (typeof KINDS)[number], place: string, theirs: string, socket: string): Promise<string[]> {
  rmSync(place, { recursive: true, force: true })
  if (kind === 'socket') return (await listening(place)).heard
  if (kind === 'link') {
    const target = join(theirs, basename(place))
    const heard = target.endsWith('.sock') ? (await listening(target)).heard : []
    if (!target.endsWith('.sock')) written(target, decoy(place, socket))
    symlinkSync(target, place)
    give(place, ATTACKER)
    return heard
  }
  if (kind === 'file') written(place, decoy(place, socket))
  else {
    folderOf(ATTACKER, place, kind === 'folder' ? 0o755 : 0o777)
    for (const name of ['credential', 'hub.json', 'config.toml', 'doorbell.json', 'hub.log', 'machine']) {
      written(join(place, name), decoy(join(place, name), socket))
    }
    return (await listening(join(place, 'hub.sock'))).heard
  }
  return []
}

function written(path: string, text: string): void {
  writeFileSync(path, text)
  give(path, ATTACKER)
  chmodSync(path, 0o666)
}

function homesIn(root: string) {
  const env = { HOME: join(root, 'home'), XDG_RUNTIME_DIR: join(root, 'run'), PATH: process.env.PATH }
  return { env, paths: homePaths(env) }
}

/** Every place of a home by its name: those that `homePaths` gives, and what is named where it is used. */
function placesOf(paths: HomePaths): Record<string, string> {
  return {
    ...paths,
    walFile: `${paths.storeFile}-wal`,
    shmFile: `${paths.storeFile}-shm`,
    wakeSocket: join(paths.data, wakeSocket(CLIENT_PID)),
    machineFile: join(paths.data, 'machine'),
    routesFile: join(paths.state, 'doorbell.json'),
    codeFolder: join(paths.state, 'compile-cache'),
    successionFolder: join(paths.state, 'succession'),
  }
}

/** What the programs do without, where they cannot use it. */
const OPTIONAL = ['startFile', 'machineFile', 'routesFile', 'successionFolder']

describe.skipIf(!canBeOthers)('a place that another user has made', () => {
  const names = Object.keys(placesOf(homePaths({ HOME: '/h' })))

  it.each(names.flatMap(name => KINDS.map(kind => ({ name, kind }))))('$name as a $kind', async ({ name, kind }) => {
    const root = await sharedFolder()
    const { env, paths } = homesIn(root)
    const theirs = folderOf(ATTACKER, join(root, 'theirs'), 0o777)
    const socket = join(theirs, 'announced.sock')
    const { heard } = await listening(socket)
    const place = placesOf(paths)[name]!
    folderOf(VICTIM, dirname(place))
    heard.push(...(await make(kind, place, theirs, socket)))
    const before = await textsIn(root)

    const { found, faults } = await walk(paths, env)
    expect(found.filter(each => each.includes(MARK) || each.includes('"port":1}'))).toEqual([])
    expect(heard).toEqual([])
    if (!OPTIONAL.includes(name))
      expect(faults.join('\n')).toContain(`${place} belongs to user ${ATTACKER}, not to user ${VICTIM}`)
    // Nothing was written into what is the attacker's, though some of it was removed.
    const after = await textsIn(root)
    for (const [path, text] of Object.entries(before)) expect([path, after[path] ?? text]).toEqual([path, text])
    for (const path of Object.keys(after)) {
      if (path.startsWith(theirs) || (kind.endsWith('folder') && path.startsWith(`${place}/`))) {
        expect(Object.keys(before)).toContain(path)
      }
    }
  })
})

describe.skipIf(!canBeOthers)('a home below a folder of another user', () => {
  it.each([0o777, 0o1777, 0o755, 0o700])('is refused by every way, whatever the folder’s mode: %o', async mode => {
    const root = await sharedFolder()
    const theirs = folderOf(ATTACKER, join(root, 'team'))
    const home = folderOf(VICTIM, join(theirs, 'home'))
    const env = { SWITCHBOARD_HOME: home, PATH: process.env.PATH }
    const { heard } = await listening(join(home, 'hub.sock'))
    give(join(home, 'hub.sock'), VICTIM)
    chmodSync(join(home, 'hub.sock'), 0o600)
    writeFileSync(join(home, 'credential'), `swb_user_${MARK.padEnd(32, 'a')}\n`, { mode: 0o600 })
    give(join(home, 'credential'), VICTIM)
    chmodSync(theirs, mode)
    const { found, faults } = await walk(homePaths(env), env)
    expect(found.filter(each => each.includes(MARK))).toEqual([])
    expect(faults.filter(each => !each.includes(theirs))).toEqual([])
    expect(heard).toEqual([])
  })

  it('is one of the user’s own, though its path leads through links of the user and of root', async () => {
    const root = await sharedFolder()
    const real = folderOf(VICTIM, join(root, 'real'))
    for (const [uid, name] of [
      [VICTIM, 'mine'],
      [0, 'roots'],
      [ATTACKER, 'theirs'],
    ] as const) {
      symlinkSync(real, join(root, name))
      give(join(root, name), uid)
      const paths = homePaths({ SWITCHBOARD_HOME: join(root, name, 'home') })
      const made = asUser(VICTIM, () => userCredential(paths))
      if (uid !== ATTACKER) expect(await made).toMatch(/^swb_user_/)
      else await expect(made).rejects.toMatchObject({ code: 'unsafe_place', message: expect.stringContaining(name) })
    }
  })
})

it.skipIf(!canBeOthers)(
  'follows a link of the user to the folder of the settings, and no link of another user',
  async () => {
    const root = await sharedFolder()
    const { paths } = homesIn(root)
    const dotfiles = folderOf(VICTIM, join(root, 'dotfiles'))
    folderOf(VICTIM, dirname(paths.config))
    symlinkSync(dotfiles, paths.config)
    give(paths.config, VICTIM)
    const credential = await asUser(VICTIM, () => userCredential(paths))
    expect(await textsIn(dotfiles)).toEqual({ [join(dotfiles, 'credential')]: `${credential}\n` })
    give(paths.config, ATTACKER)
    await expect(asUser(VICTIM, () => userCredential(paths))).rejects.toMatchObject({ code: 'unsafe_place' })
    // A link of the user to a folder of another.
    give(paths.config, VICTIM)
    give(dotfiles, ATTACKER)
    await expect(asUser(VICTIM, () => userCredential(paths))).rejects.toMatchObject({ code: 'unsafe_place' })
  },
)

it.skipIf(!canBeOthers)('goes back from a link as the system does: to the parent of what it leads to', async () => {
  const root = await sharedFolder()
  const [mine, theirs] = [folderOf(VICTIM, join(root, 'mine')), folderOf(ATTACKER, join(root, 'theirs'), 0o755)]
  folderOf(ATTACKER, join(theirs, 'below'), 0o755)
  symlinkSync(join(theirs, 'below'), join(mine, 'link'))
  give(join(mine, 'link'), VICTIM)
  const { heard } = await listening(join(theirs, 's'))
  const server = createServer(socket => socket.end())
  await asUser(VICTIM, () => listenPrivately(server, join(mine, 's')))
  onTestFinished(() => void server.close())
  // As text it is the victim's own socket.
  const path = `${mine}/link/../s`
  for (const dial of [connectPrivately, connectToUsers]) {
    await expect(asUser(VICTIM, () => drained(dial(path)))).rejects.toMatchObject({ code: 'unsafe_place' })
  }
  expect(heard).toEqual([])
})

it.skipIf(!canBeOthers)('passes over a short folder that another user has made since its name was seen', async () => {
  const root = await sharedFolder()
  const home = folderOf(VICTIM, join(root, 'h'.repeat(110)))
  const paths = homePaths({ SWITCHBOARD_HOME: home })
  const place = () =>
    asUser(VICTIM, async () => {
      const server = createServer()
      const path = await listenInHome(server, paths, 'hub.sock')
      await new Promise(resolve => server.close(resolve))
      return path
    })
  const first = await place()
  onTestFinished(() => rmSync(dirname(first), { recursive: true }))
  rmSync(dirname(first), { recursive: true })
  folderOf(ATTACKER, dirname(first), 0o777)
  const { heard } = await listening(first)
  await expect(asUser(VICTIM, () => drained(connectPrivately(hubSocket(paths))))).rejects.toMatchObject({
    code: 'ENOENT',
  })
  const second = await place()
  onTestFinished(() => rmSync(dirname(second), { recursive: true }))
  expect(dirname(second)).not.toBe(dirname(first))
  const server = createServer(socket => socket.end('the victim’s'))
  await asUser(VICTIM, () => listenPrivately(server, second))
  onTestFinished(() => void server.close())
  expect(await asUser(VICTIM, () => drained(connectPrivately(hubSocket(paths))))).toBe('the victim’s')
  expect(heard).toEqual([])
})
