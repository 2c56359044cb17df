import { OPERATOR_ID } from '../bus/access.ts'
import { type Address, channelOf, parseAddress } from '../bus/address.ts'
import { BusError } from '../bus/errors.ts'
import { LIMITS } from '../bus/limits.ts'
import { nearest } from '../bus/names.ts'
import { canBeWrittenTo } from '../bus/own-sessions.ts'
import { joined, quoted, retold, type Said, say } from '../bus/say.ts'
import { isSessionId, type Session } from '../bus/session.ts'
import { cleanName, plainName } from '../bus/session-name.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import { repoMeant, shownRepos } from './repo-meant.ts'

/** Names that "did you mean" chooses from. */
const MAX_KNOWN = 500

export interface Recipients {
  readonly channels: string[]
  /** Sessions that were addressed one by one. */
  readonly named: Session[]
  /** Whether nobody but named sessions was addressed. */
  readonly isDirect: boolean
  /** Roles and topics that nobody has or had, each with those that look most like it. */
  readonly unfollowed: { readonly channel: string; readonly near: readonly string[] }[]
}

/** What the written addresses mean; an unknown one is an error that names the nearest. */
export async function recipientsOf(
  store: StoreReads,
  written: readonly string[],
  senderId: string,
): Promise<Recipients> {
  const named: Session[] = []
  const channels = new Set<string>()
  const unfollowed: Recipients['unfollowed'] = []
  for (const text of written) {
    const parsed = parseAddress(text)
    if (!parsed.ok) throw new BusError('invalid_input', say`\`to\`: ${retold(parsed.message)}`)
    if (parsed.address.kind === 'session') {
      const session = await sessionCalled(store, parsed.address.value, each => canBeWrittenTo(each, senderId))
      if (!channels.has(`session:${session.id}`)) named.push(session)
      channels.add(`session:${session.id}`)
    } else {
      const { channel, near } = await groupChannel(store, parsed.address)
      if (near !== undefined && !channels.has(channel)) unfollowed.push({ channel, near })
      channels.add(channel)
    }
  }
  return { channels: [...channels], named, isDirect: named.length === channels.size, unfollowed }
}

/** Recipients as an event has them. Its sessions are found by their ids alone, whatever anybody is called by now. */
export async function recipientsOn(
  store: StoreReads,
  channels: readonly string[],
  senderId: string,
): Promise<Recipients> {
  const ids = channels.flatMap(channel => (channel.startsWith(SESSION) ? channel.slice(SESSION.length) : []))
  const named = await Promise.all(
    ids.map(async id => {
      const session = await store.session(id)
      if (session && canBeWrittenTo(session, senderId)) return session
      throw unknown(id, [], say('The session has been forgotten.'))
    }),
  )
  return { channels: [...channels], named, isDirect: named.length === channels.length, unfollowed: [] }
}

const SESSION = 'session:'

/** The one session that a reference means: by its id, else its codename, else its name; one that is there before one that is gone. */
export async function sessionCalled(
  store: StoreReads,
  reference: string,
  isMeant: (session: Session) => boolean = () => true,
): Promise<Session> {
  const session = await sessionFound(store, reference)
  if (session && isMeant(session)) return session
  const known = await store.sessions({ includeEnded: true, limit: MAX_KNOWN })
  const near = nearest(
    reference,
    known.flatMap(each => [each.name, each.codename]),
  )
  throw unknown(reference, near, say('Try `list_sessions`.'))
}

/** An id is nobody's name, and the operator is written in any case. */
async function sessionFound(store: StoreReads, reference: string): Promise<Session | undefined> {
  if (isSessionId(reference)) return await store.session(reference)
  if (reference.toLowerCase() === OPERATOR_ID) return await store.session(OPERATOR_ID)
  const [session] = await store.sessionsCalled(reference)
  if (session) return session
  const plain = plainName(reference)
  return plain === reference || plain === '' ? undefined : (await store.sessionsCalled(plain))[0]
}

/**
 * A topic or role may be one that nobody follows yet: somebody may join it. `near` is given for such. Repos and machines
 * are not chosen by people, so one must be known, and typos are noticed.
 */
async function groupChannel(
  store: StoreReads,
  address: Exclude<Address, { kind: 'session' }>,
): Promise<{ channel: string; near?: string[] }> {
  const channel = await channelMeant(store, address)
  if (address.kind === 'all' || (await store.isFollowed(channel))) return { channel }
  if (address.kind === 'topic' || address.kind === 'role') {
    const { kind, value } = address
    const known = (await store.known(kind, LIMITS.knownNames)).filter(each => `${kind}:${each}` !== channel)
    return { channel, near: nearest(value, known).map(each => `${kind}:${each}`) }
  }
  const known = await store.known(address.kind, LIMITS.knownNames)
  if (address.kind !== 'repo') throw unknownGroup(channel, address.kind, nearest(address.value, known))
  const meant = repoMeant(address.value, known)
  if ('repo' in meant) return { channel: `repo:${meant.repo}` }
  if (meant.couldBe.length === 0) throw unknownGroup(channel, 'repo', meant.near)
  const all = meant.couldBe.map(each => `repo:${each}`)
  throw new BusError('unknown_recipient', say`${channel} could be ${joined(' or ', all)}`, { next: 'Say which.' })
}

function unknownGroup(channel: string, kind: Address['kind'], near: readonly string[]): BusError {
  return unknown(
    channel,
    near.map(each => `${kind}:${each}`),
    say('A repo or machine is known once a session is there.'),
  )
}

/** As it is written, where a session has it so from before; else as sessions are given it. */
async function channelMeant(store: StoreReads, address: Exclude<Address, { kind: 'session' }>): Promise<string> {
  const written = channelOf(address)
  if (address.kind === 'all' || address.kind === 'repo') return written
  if (plainName(address.value) === '') {
    throw new BusError('invalid_input', say`expected characters that are seen after ${`${address.kind}:`}, got none`)
  }
  const clean = `${address.kind}:${address.kind === 'role' ? cleanName(address.value) : plainName(address.value)}`
  return clean === written || (await store.isFollowed(written)) ? written : clean
}

function unknown(written: string, near: readonly string[], otherwise: Said): BusError {
  return new BusError('unknown_recipient', say`nobody on the bus is called ${quoted(written)}`, {
    next: near.length > 0 ? say`Did you mean ${near}?` : otherwise,
    details: { nearest: near },
  })
}

/** The channel that a reader's filter means; unlike a recipient it may be one that nobody follows. */
export async function channelCalled(store: StoreReads, written: string): Promise<string> {
  const parsed = parseAddress(written)
  if (!parsed.ok) throw new BusError('invalid_input', say`\`channel\`: ${retold(parsed.message)}`)
  const { address } = parsed
  if (address.kind === 'session') return `session:${(await sessionCalled(store, address.value)).id}`
  if (address.kind !== 'repo') return await channelMeant(store, address)
  if (await store.isFollowed(channelOf(address))) return channelOf(address)
  const meant = repoMeant(address.value, await shownRepos(store))
  return 'repo' in meant ? `repo:${meant.repo}` : channelOf(address)
}
