import { z } from 'zod'
import { drawCodename } from '../bus/codename.ts'
import { defined } from '../bus/defined.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { placeOf, type Surroundings } from '../bus/place.ts'
import { retold, type Said, say } from '../bus/say.ts'
import { ENDED, processOf, type Session } from '../bus/session.ts'
import {
  cleanName,
  clientIdOf,
  defaultName,
  nameByTitle,
  nameIn,
  otherMeaning,
  plainName,
} from '../bus/session-name.ts'
import type { SessionPatch } from '../bus/session-patch.ts'
import { shareOf } from '../bus/share.ts'
import type { Conflict, NewEvent } from '../bus/store.ts'
import { sessionEnded } from './authority.ts'
import { refusal } from './commit.ts'
import { followCommand } from './following.ts'
import { inheritedTalk } from './inherited-talk.ts'
import { type Call, defineOperation } from './operation.ts'
import { peersOf } from './peers.ts'
import { renameRepository } from './renamed-repository.ts'
import { mayRead } from './require-session.ts'
import { facts, globs, label, name, note, peerShape, role } from './shapes.ts'
import { noticeOfLeftMail } from './take-over.ts'

const input = z.strictObject({
  name: name.optional().describe('default: branch or folder'),
  role: role.optional().describe('e.g. reviewer; others write to role:reviewer'),
  summary: note.optional(),
  owns: globs.optional().describe('globs relative to the repo'),
  topics: z.array(label).max(LIMITS.topics).optional(),
  client_id: name.optional().describe('same id on the same machine resumes the same session'),
  backfill_minutes: z
    .number()
    .min(0)
    .max(LIMITS.backfillMinutes)
    .optional()
    .describe('how far back broadcasts are unread; default 0'),
  facts: facts.optional(),
})
type Input = z.output<typeof input>

export const register = defineOperation({
  name: 'register',
  title: 'Join the bus, or change what others see of this session',
  description:
    'Join the switchboard or update your own entry. Sets your name (a taken one gets -2), role, one-line summary of your work, globs you own, topics you follow.',
  toolset: 'talk',
  scope: 'publish',
  effect: 'write',
  provesReading: false,
  isForEnded: true,
  input,
  output: z.object({
    session_id: z.string(),
    name: z.string(),
    codename: z.string(),
    role: z.string().optional(),
    repo: z.string().optional(),
    machine: z.string(),
    resumed: z.boolean(),
    unread: z.int(),
    peers: z.array(peerShape),
    note: z.string().optional(),
    credential: z.string(),
  }),
  command: {
    positionals: ['name'],
    aliases: ['join'],
    examples: ['register backend --role dev --owns "src/api/**"', 'register --topics ci,deploys'],
  },
  async run(call, input) {
    const { store } = call.bus
    const existing = await existingSession(call, input)
    const wanted = input.name === undefined ? undefined : cleanName(input.name)
    const session = existing ? await resume(call, existing, wanted, input) : await create(call, wanted, input)
    call.bus.presence.touch(session.id)
    call.bus.presence.changed(session.id)
    const isNew = existing === undefined
    const asked =
      input.name ??
      (nameByTitle(existing, input.facts ?? {}) && input.facts?.title) ??
      existing?.name ??
      defaultName(defined({ ...input.facts }))
    const [{ pending }, peers] = await Promise.all([
      store.unread(session.id, 0),
      mayRead(call) ? peersOf(call.bus, session) : [],
    ])
    return defined({
      session_id: session.id,
      name: session.name,
      codename: session.codename,
      role: session.role,
      repo: session.repo,
      machine: session.machine,
      resumed: !isNew,
      unread: pending,
      peers,
      note: noteOn(asked, session, isNew ? input.client_id : session.clientId, isNew)?.text,
      credential: call.bus.sessionCredential(session),
    })
  },
})

/** A new session that is not what its client asked for may have been here before: it is told how to be who it was. */
function noteOn(
  asked: string,
  { name, clientId }: Session,
  wantedId: string | undefined,
  isNew: boolean,
): Said | undefined {
  const isOfName = nameIn(wantedId) !== undefined
  if (clientId !== wantedId && !isOfName) {
    return say`A client that is connected has this \`client_id\`: you are another session, ${name}. To be this one again, \`register\` as ${name} without \`client_id\`.`
  }
  if (asked === name) return undefined
  const note = say`${whyNot(asked)}: you are ${name}.`
  if (!isNew || cleanName(asked) !== asked) return note
  if (isOfName)
    return say`${note} A client that comes back is this session if it registers as ${name}, or with the \`client_id\` that it gave before.`
  return clientId === undefined
    ? say`${note} A client that comes back is the same session if it gave the same \`client_id\` both times.`
    : note
}

function whyNot(name: string): Said {
  if (cleanName(name) === name) return say`The name ${name} is taken`
  const plain = plainName(name)
  const meaning = otherMeaning(plain)
  if (meaning !== undefined) return say`The name ${name} ${MEANINGS[meaning]}`
  if (plain === name) return say`The name ${name} looks like an id`
  return say`A name has no blanks, colons, commas, @ or unseen characters, as ${name} has`
}

const MEANINGS = {
  reserved: say('is reserved, or looks like one that is'),
  number: say('is a number'),
  codename: say('is a codename, or looks like one'),
} as const

/** A session changes itself; others resume what they registered on that machine under that client id. */
async function existingSession(call: Call, input: Input): Promise<Session | undefined> {
  if (call.caller.kind === 'session') return changedItself(call, input.client_id)
  for await (const found of earlierSessions(call, input)) if (mayBecome(call, found)) return found
  return undefined
}

/** By their client ids; one of a connection that gave only a name also by the name that it was given or took later. */
async function* earlierSessions(call: Call, { client_id, facts }: Input): AsyncGenerator<Session> {
  if (client_id === undefined) return
  for (const id of [client_id, ...(facts?.known_as ?? [])]) {
    const found = await sessionOfClient(call, id, facts?.machine)
    if (found) yield found
  }
  const name = nameIn(client_id)
  if (call.connection === undefined || name === undefined) return
  const machine = machineOf(call, facts?.machine)
  for (const each of await call.bus.store.sessionsCalled(name)) {
    const isOwn = each.grantor === call.caller.grantor && each.machine === machine
    if (isOwn && each.name === name && nameIn(each.clientId) !== undefined) yield each
  }
}

/** A connection never becomes the session of a client that is connected. */
function mayBecome({ bus, connection }: Call, { id }: Session): boolean {
  return connection === undefined || (!bus.presence.isAttached(id) && connection.take(id))
}

/** It keeps its client id: with another one it would be found in the place of the session that registers with that. */
function changedItself({ session, caller }: Call, clientId: string | undefined): Session {
  if (session === undefined) throw sessionEnded(undefined, caller.id)
  if (clientId === undefined || clientId === session.clientId) return session
  throw new BusError('forbidden', 'a session cannot give itself another `client_id`', {
    next: 'Leave `client_id` out, or `register` with the credential that registered this session.',
  })
}

function sessionOfClient(call: Call, clientId: string, machine: string | undefined): Promise<Session | undefined> {
  return call.bus.store.sessionOfClient(call.caller.grantor, machineOf(call, machine), clientId)
}

/** From the top of the repo, as claims are, so that the two can be told to meet. */
function ownedPaths(written: readonly string[], { machine, repo, worktree }: Surroundings): string[] {
  return written.map(path => {
    const placed = placeOf(path, defined({ machine, repo: repo ?? 'the repo', worktree }), [])
    if (placed.ok) return placed.place.path
    throw new BusError('invalid_input', say`\`owns\`: ${retold(placed.message)}`, {
      next: 'Write them from the top of the repo.',
    })
  })
}

/** A token's sessions live on the token's machine, whatever they say. */
function machineOf(call: Call, machine: string | undefined): string {
  return call.caller.machine ?? machine ?? call.bus.machine
}

async function create(call: Call, wanted: string | undefined, input: Input): Promise<Session> {
  const { machine, parent: parentClient, known_as: _, ...known } = defined({ ...input.facts })
  const parent = parentClient === undefined ? undefined : await sessionOfClient(call, parentClient, machine)
  const session = defined({
    ...known,
    parent: parent?.id,
    id: call.bus.newSessionId(),
    name: wanted ?? nameByTitle(undefined, known) ?? cleanName(defaultName(known)),
    codename: drawCodename(call.bus.random),
    machine: machineOf(call, machine),
    grantor: call.caller.grantor,
    clientId: input.client_id,
    role: input.role,
    summary: input.summary,
    owns: ownedPaths(input.owns ?? [], { ...known, machine: machineOf(call, machine) }),
    topics: input.topics ?? [],
  })
  const commands = [
    defined({ kind: 'createSession' as const, session, maxLiving: maxLiving(call) }),
    // A fork's context holds what its parent was shown: what was broadcast before is nothing new to it.
    followCommand(session, parent ? 0 : backfillMs(input)),
    { kind: 'append', event: registered(session.id, 'joined') },
    ...(await inheritedTalk(call, session, parent)),
    ...(await noticeOfLeftMail(call.bus.store, session, backfillMs(input))).map(
      event => ({ kind: 'append', event }) as const,
    ),
  ] as const
  await renameRepository(call, undefined, session)
  // Before others can find it.
  call.connection?.take(session.id)
  const commit = await call.commit(commands, call.key)
  if (commit.ok) return commit.results[0]
  // Another process of the same client was faster: then this is the same session.
  const winner = isClientTaken(commit.conflict) ? await existingSession(call, input) : undefined
  if (winner) return await resume(call, winner, wanted, input)
  if (!isClientTaken(commit.conflict) || call.connection === undefined) throw refusal(commit.conflict, commit.at)
  // Its client is connected. This one is another, to be found by the name that it gets.
  return await create(call, wanted, { ...input, client_id: `${clientIdOf(session.name)}/${session.id}` })
}

function isClientTaken(conflict: Conflict): boolean {
  return conflict.code === 'identity_taken' && conflict.what === 'client'
}

async function resume(call: Call, existing: Session, wanted: string | undefined, input: Input): Promise<Session> {
  const { machine: _, parent: __, known_as: ___, ...known } = defined({ ...input.facts })
  const isAnotherRun = known.run === undefined ? existing.endedAt !== undefined : known.run !== existing.run
  const readmit = call.caller.kind !== 'session' && isAnotherProcess(existing.run, known.run)
  if (existing.endReason === ENDED.expelled && !readmit) throw sessionEnded(existing, existing.id)
  const patch: SessionPatch = defined({
    ...known,
    // Whatever its branch or folder is by now. An older program may have given it a name that none may have now.
    name: wanted ?? nameByTitle(existing, known) ?? cleanName(existing.name),
    // The agent's client gives a cleared conversation another id, and the session goes with it.
    clientId: isSameClient(existing.clientId, input.client_id) ? undefined : input.client_id,
    role: input.role,
    summary: input.summary,
    owns: input.owns && ownedPaths(input.owns, { ...existing, ...known }),
    topics: input.topics,
  })
  const after = { ...existing, ...(patch as Partial<Session>) }
  const commands = [
    defined({
      kind: 'updateSession' as const,
      id: existing.id,
      patch,
      revive: true,
      readmit,
      maxLiving: maxLiving(call),
      reofferUnproved: isAnotherRun,
    }),
    followCommand(after, backfillMs(input)),
    ...(existing.endedAt === undefined ? [] : [{ kind: 'append', event: registered(after.id, 'is back') } as const]),
  ] as const
  await renameRepository(call, existing, after)
  const commit = await call.commit(commands, call.key)
  if (commit.ok) {
    call.bus.presence.changed(existing.id)
    return commit.results[0] as Session
  }
  // That id is another session's already.
  if (isClientTaken(commit.conflict)) return await resume(call, existing, wanted, { ...input, client_id: undefined })
  throw refusal(commit.conflict, commit.at)
}

/** One of a name stays what it is: its client may come back by the name that it first asked for, or by its present one. */
function isSameClient(before: string | undefined, now: string | undefined): boolean {
  return before === now || (nameIn(before) !== undefined && nameIn(now) !== undefined)
}

/** A process of the agent's client that was started anew, which only a person does. */
function isAnotherProcess(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && processOf(before) !== processOf(now)
}

function maxLiving(call: Call): number | undefined {
  return shareOf(call.caller, 'livingSessions')?.max
}

function backfillMs(input: Input): number {
  return Math.round((input.backfill_minutes ?? 0) * 60_000)
}

/** Its name is chosen in the commit. */
function registered(senderId: string, text: string): NewEvent {
  return {
    type: 'session_registered',
    channels: ['all'],
    senderId,
    text,
    level: 'lifecycle',
    urgency: 'quiet',
    hops: 0,
  }
}
