import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Client } from '../../src/client/index.ts'
import { type Programs, preparePrograms } from '../crash/programs.ts'
import { type TestHome, tempHome } from '../crash/temp-home.ts'
import { until, untilPasses } from '../until.ts'
import { ScriptedSession } from './scripted-session.ts'
import { type Model, reader } from './session-parts.ts'

/** A hub, scripted sessions on it, and the person. All of it is gone with the world. */
export interface World extends AsyncDisposable {
  readonly home: TestHome
  readonly operator: Client
  readonly sessions: readonly ScriptedSession[]
  /** Rejects as soon as some session's script cannot go on. */
  readonly broken: Promise<never>
  until: typeof until
}

export async function openWorld(options: {
  readonly names: readonly string[]
  readonly model?: Model
  /** A file in `fixtures/`: a hub with a bug. */
  readonly plantedHub?: string
}): Promise<World> {
  const closing: (() => PromiseLike<void>)[] = []
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  const keep = <T extends AsyncDisposable>(what: T): T => {
    closing.push(() => what[Symbol.asyncDispose]())
    return what
  }
  try {
    const programs = keep(await preparePrograms())
    const planted = options.plantedHub && keep(await preparePrograms(`../../soak/fixtures/${options.plantedHub}`))
    const home = keep(await tempHome(programs))
    if (planted) await startPlanted(planted, home)
    const operator = home.connect()
    await operator.call('list_sessions', {})
    const sessions: ScriptedSession[] = []
    for (const name of options.names) {
      const session = await newcomer(name, home, programs.hub, options.model ?? reader)
      closing.push(() => session.stop())
      sessions.push(session)
      await session.start()
    }
    await allThere(operator, options.names)
    const lives = sessions.map(session => session.live().then(() => new Promise<never>(() => {})))
    const broken = Promise.race(lives)
    broken.catch(() => undefined)
    const untilOrBroken: typeof until = (find, waiting) => Promise.race([until(find, waiting), broken])
    return { home, operator, sessions, broken, until: untilOrBroken, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

/** In a folder of its own, which gives it its name. */
async function newcomer(name: string, { env }: TestHome, program: string, model: Model): Promise<ScriptedSession> {
  const home = env.SWITCHBOARD_HOME!
  const cwd = join(home, name)
  await mkdir(cwd)
  // Nothing of the agent that may run these tests.
  const own = { PATH: process.env.PATH ?? '', HOME: home, SWITCHBOARD_HOME: home, SWITCHBOARD_PORT: '0' }
  return new ScriptedSession({ name, program, home, env: own, cwd }, model)
}

async function startPlanted({ hub }: Programs, home: TestHome): Promise<void> {
  spawn(process.execPath, [hub], { env: home.env, stdio: 'ignore' })
  await home.answering()
}

async function allThere(operator: Client, names: readonly string[]): Promise<void> {
  await untilPasses(async () => {
    const { sessions } = await operator.call('list_sessions', {})
    expect(sessions.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]))
  })
}
