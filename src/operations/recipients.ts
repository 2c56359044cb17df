import { OPERATOR_ID } from '../bus/access.ts'
import { type Address, channelOf, parseAddress } from '../bus/address.ts'
import { BusError } from '../bus/errors.ts'
import { nearest } from '../bus/names.ts'
import { repoForms, repoMatches } from '../bus/repo.ts'
import { joined, retold, type Said, say } from '../bus/say.ts'
import type { Session } from '../bus/session.ts'
import type { Store } from '../bus/store.ts'

/** Names that "did you mean" chooses from. */
const MAX_KNOWN = 500

export interface Recipients {
  readonly channels: string[]
  /** Sessions that were addressed one by one. */
  readonly named: Session[]
  /** Whether nobody but named sessions was addressed. */
  readonly isDirect: boolean
}

/** What the written addresses mean; an unknown one is an error that names the nearest. */
export async function recipientsOf(store: Store, written: readonly string[]): Promise<Recipients> {
  const named: Session[] = []
  const channels = new Set<string>()
  for (const text of written) {
    const parsed = parseAddress(text)
    if (!parsed.ok) throw new BusError('invalid_input', say`to: ${retold(parsed.message)}`)
    if (parsed.address.kind === 'session') {
      const session = await sessionCalled(store, parsed.address.value)
      if (!channels.has(`session:${session.id}`)) named.push(session)
      channels.add(`session:${session.id}`)
    } else {
      channels.add(await groupChannel(store, parsed.address))
    }
  }
  return { channels: [...channels], named, isDirect: named.length === channels.size }
}

/** The one session that this id, name or codename means: one that is there before one that is gone. */
export async function sessionCalled(store: Store, reference: string): Promise<Session> {
  const [session] = await store.sessionsCalled(reference)
  if (session) return session
  const known = await store.sessions({ includeEnded: true, limit: MAX_KNOWN })
  const near = nearest(
    reference,
    known.flatMap(each => [each.name, each.codename]),
  )
  throw unknown(reference, near, say('Try `list_sessions`.'))
}

/** Topics are free; a repo, machine or role must be one that some session has or had, so that typos are noticed. */
async function groupChannel(store: Store, address: Exclude<Address, { kind: 'session' }>): Promise<string> {
  const channel = channelOf(address)
  if (address.kind === 'all' || address.kind === 'topic' || (await store.isFollowed(channel))) return channel
  const known = await store.known(address.kind)
  const matching = address.kind === 'repo' ? known.filter(repo => repoMatches(repo, address.value)) : []
  if (matching.length === 1) return `repo:${matching[0]}`
  if (matching.length > 1) {
    throw new BusError(
      'unknown_recipient',
      say`\`${channel}\` could be ${joined(
        ' or ',
        matching.map(each => `repo:${each}`),
      )}`,
      { next: 'Say which.' },
    )
  }
  const near = address.kind === 'repo' ? nearestRepos(address.value, known) : nearest(address.value, known)
  throw unknown(
    channel,
    near.map(each => `${address.kind}:${each}`),
    say('A role, repo or machine is known once a session has it.'),
  )
}

/** In the form that looks most like what was written: a repo without a remote has a mark in its name that nobody writes. */
function nearestRepos(written: string, known: readonly string[]): string[] {
  const forms = repoForms(known)
  const near = nearest(written, [...forms.keys()])
  return near.filter((form, i) => near.findIndex(other => forms.get(other) === forms.get(form)) === i)
}

function unknown(written: string, near: readonly string[], otherwise: Said): BusError {
  return new BusError('unknown_recipient', say`nobody on the bus is called \`${written}\``, {
    next: near.length > 0 ? say`Did you mean ${near}?` : otherwise,
    details: { nearest: near },
  })
}

/** The channel that a reader's filter means; unlike a recipient it may be one that nobody follows. */
export async function channelCalled(store: Store, written: string): Promise<string> {
  const parsed = parseAddress(written)
  if (!parsed.ok) throw new BusError('invalid_input', say`channel: ${retold(parsed.message)}`)
  const { address } = parsed
  if (address.kind === 'session') {
    if (address.value === OPERATOR_ID) return `session:${OPERATOR_ID}`
    return `session:${(await sessionCalled(store, address.value)).id}`
  }
  if (address.kind !== 'repo' || (await store.isFollowed(channelOf(address)))) return channelOf(address)
  const matching = (await store.known('repo')).filter(repo => repoMatches(repo, address.value))
  return matching.length === 1 ? `repo:${matching[0]}` : channelOf(address)
}
