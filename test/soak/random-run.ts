// biome-ignore lint/plugin: a pace of what people and chance do; nothing is concluded from how long it took.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, randomFrom } from '../linearizability/random.ts'
import { busyModel, draft, noteSent, type Post } from './busy-model.ts'
import type { ScriptedSession } from './scripted-session.ts'
import { busy, calm, reader } from './session-parts.ts'
import { judge, type Verdict } from './verdict.ts'
import { openWorld, type World } from './world.ts'

const CALLS_BETWEEN_HUB_KILLS = 20
/** What one prompt brings is proved by the next. */
const MAX_LAST_PROMPTS = 8
const NAMES = ['ada', 'ben', 'cleo', 'dora', 'emil', 'fay', 'gus', 'hana']

export interface Report extends Verdict {
  readonly seed: number
  readonly kills: number
  readonly hubKills: number
  readonly clears: number
  readonly compacts: number
  readonly turns: number
  readonly rings: number
  /** Urgent letters that no bell brought while nobody prompted. */
  readonly unheard: readonly string[]
  readonly unanswered: readonly string[]
  readonly refused: readonly string[]
  /** Of the sessions where something went wrong, what their processes said and met. */
  readonly stories: readonly string[]
  readonly hooks: number
}

/** A busy day of eight sessions. The seed decides what everybody does; when it happens, the machine decides. */
export async function randomRun(options: {
  readonly seed: number
  readonly messages: number
  readonly plantedHub?: string
}): Promise<Report> {
  const { seed, plantedHub } = options
  await using world = await openWorld({ names: NAMES, ...(plantedHub === undefined ? {} : { plantedHub }) })
  const { sessions } = world
  const post: Post = { left: options.messages, sent: [], refused: [] }
  const done = new AbortController()
  const randoms = sessions.map((_, i) => randomFrom(seed + i + 1))
  for (const [i, session] of sessions.entries()) {
    session.model = busyModel(randoms[i]!, session, NAMES, post)
    session.habits = busy(randoms[i]!)
  }
  const users = sessions.map((session, i) => promptNowAndThen(randomFrom(seed + 100 + i), session, done.signal))
  const chaos = makeChaos(randomFrom(seed + 200), world, done.signal, plantedHub === undefined)
  await Promise.race([operate(randomFrom(seed), world, post, options.messages), world.broken])
  done.abort()
  await Promise.all(users)
  const hubKills = await chaos
  // What a planted bug has lost no bell brings, however long it is waited for.
  const unheard = plantedHub === undefined ? await bellsOnly(world, post) : []
  const verdict = await Promise.race([lastWords(world), world.broken])
  const sum = (count: (session: ScriptedSession) => number) => sessions.map(count).reduce((a, b) => a + b)
  return {
    ...verdict,
    seed,
    hubKills,
    unheard,
    kills: sum(({ kills }) => kills),
    clears: sum(({ clears }) => clears),
    compacts: sum(({ compacts }) => compacts),
    turns: sum(({ turns }) => turns),
    rings: sum(({ rings }) => rings),
    refused: post.refused,
    stories: sessions
      .filter(({ name }) =>
        new RegExp(`\\b${name}\\b`).test(
          [...unheard, ...verdict.lost, ...verdict.untrue, ...verdict.doubled].join(' '),
        ),
      )
      .map(({ name, story }) => `${name}:\n${story}`),
    unanswered: sessions.flatMap(({ hooks }) => hooks.unanswered),
    hooks: sum(({ hooks }) => hooks.calls),
  }
}

/** The person writes about as much as the sessions do, and once more for each message that died with its writer. */
async function operate(random: Random, { operator }: World, post: Post, messages: number): Promise<void> {
  while (post.left > 0 || post.sent.length < messages) {
    post.left--
    const written = draft(random, NAMES)
    noteSent(post, written, await operator.call('publish', written))
    await sleep(random.chance(0.05) ? 500 : random.below(90))
  }
}

/** Between phases in which only the bell wakes the session. */
async function promptNowAndThen(random: Random, session: ScriptedSession, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (session.isIdle) session.order('prompt')
    const ms = random.chance(0.35) ? 3_000 + random.below(3_000) : 100 + random.below(1_500)
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}

/** Says how often it killed the hub. */
async function makeChaos(random: Random, world: World, signal: AbortSignal, mayKillHub: boolean): Promise<number> {
  const resuming = new Set<Promise<void>>()
  let hubKills = 0
  // Of what is killed again before it has done anything only the start would be tried, on a slow machine for ever.
  const hookCalls = () => world.sessions.reduce((sum, { hooks }) => sum + hooks.calls, 0)
  const callsAtKill = new Map<ScriptedSession, number>()
  let callsAtHubKill = 0
  while (!signal.aborted) {
    await sleep(50 + random.below(700), undefined, { signal }).catch(() => undefined)
    const session = random.pick(world.sessions)
    const dice = random.next()
    if (dice < 0.08 && mayKillHub) {
      if (hookCalls() < callsAtHubKill + CALLS_BETWEEN_HUB_KILLS) continue
      callsAtHubKill = hookCalls()
      if ((await world.home.kill()) !== undefined) hubKills++
      for (const each of world.sessions) each.tell('the hub was killed')
    } else if (dice < 0.25) session.order('clear')
    else if (dice < 0.4) session.order('compact')
    else if (session.hooks.calls > (callsAtKill.get(session) ?? -1)) {
      callsAtKill.set(session, session.hooks.calls)
      const resumed = session.killAndResume(random.below(1_500)).finally(() => resuming.delete(resumed))
      resuming.add(resumed)
    }
  }
  await Promise.all(resuming)
  return hubKills
}

/** With nobody at the keyboard, all that may ring has to come by itself. */
async function bellsOnly(world: World, post: Post): Promise<string[]> {
  const { operator, sessions, broken } = world
  for (const session of sessions) session.habits = { ...calm, keepsWaiting: session.habits.keepsWaiting }
  const byName = new Map(sessions.map(session => [session.name, session]))
  const missing = () =>
    post.sent
      .filter(({ isUrgent }) => isUrgent)
      .flatMap(({ id, to }) =>
        to
          .map(name => byName.get(name)!)
          // What the user interrupted with Esc waits for the user: no bell brings it.
          .filter(({ context }) => !context.seen.has(id) && !context.isWaiting(id))
          .map(({ name }) => `${id} to ${name}`),
      )
  const heard = world.until(() => missing().length === 0).catch(() => undefined)
  await Promise.race([heard, broken])
  if (missing().length > 0) {
    const { sessions: onBus } = await operator.call('list_sessions', {})
    for (const session of sessions)
      session.tell(`bells only: ${JSON.stringify(onBus.find(each => each.name === session.name))}`)
  }
  return missing()
}

/** What never rings comes with a prompt. */
async function lastWords({ sessions, operator, until }: World): Promise<Verdict> {
  for (const session of sessions) session.model = reader
  let verdict: Verdict | undefined
  for (let prompts = 0; prompts < MAX_LAST_PROMPTS; prompts++) {
    for (const session of sessions) session.order('prompt')
    await until(() => sessions.every(session => session.isIdle), { what: 'the last prompts to be answered' })
    verdict = await judge(operator, sessions)
    if (verdict.lost.length + verdict.untrue.length === 0) break
  }
  return verdict!
}
