import { fenced, LETTER_PREAMBLE, type Letter, visible } from '../bus/letter.ts'
import type { OutputOf, PublicOperationName } from './index.ts'

/**
 * One short text per result, for models that are not shown the structured one, and for people. Mail stands in its
 * fence; whatever else others wrote stands behind two blanks on each line, so that it can not pass for a line of ours.
 */
type Texts = { readonly [N in PublicOperationName]: (output: OutputOf<N>) => string }

export function textOf<N extends PublicOperationName>(name: N, output: OutputOf<N>): string {
  return texts[name](output)
}

export function hasText(name: string): name is PublicOperationName {
  return Object.hasOwn(texts, name)
}

const texts: Texts = {
  register: out =>
    lines(
      `You are ${plain(out.name)} (${out.codename})${out.repo ? ` in ${plain(out.repo)}` : ''}${out.resumed ? ', resumed' : ''}. Unread: ${out.unread}.`,
      out.note && plain(out.note),
      ...out.peers.map(peerLine),
    ),
  whoami: out => lines(peerLine(out), `Unread: ${out.unread}.`),
  list_sessions: out =>
    out.sessions.length === 0
      ? 'Nobody is here.'
      : lines(
          ...out.sessions.flatMap(session => [
            peerLine(session),
            ...(session.overlaps ?? []).map(
              each => `  overlaps with ${plain(each.session)}: ${plain(each.path)} and ${plain(each.their_path)}`,
            ),
          ]),
          out.more && 'There are more: raise `limit` or narrow `scope`.',
          out.more_overlaps && 'There may be more overlaps than are listed.',
        ),
  list_channels: out =>
    lines(...out.channels.map(each => `${plain(each.channel)}: ${each.followers}`)) || 'No channels.',
  publish: out =>
    out.held !== undefined
      ? `Event ${out.event_id} is held: ${plain(out.held)}.`
      : `Event ${out.event_id} (${out.level}) ${
          out.recipients.length === 0
            ? 'is stored; nobody follows this yet.'
            : `is stored for ${out.recipients.map(each => plain(each.session)).join(', ')}${out.more_recipients ? ' and more' : ''}.`
        }`,
  inbox: out =>
    lines(
      out.messages.length > 0 && LETTER_PREAMBLE,
      ...out.messages.map(message => fenced(message as Letter)),
      out.messages.length === 0 ? 'No unread messages.' : out.pending > 0 && `${out.pending} more unread.`,
    ),
  ack: out => `Read up to ${out.position}. Unread: ${out.pending}.`,
  message_status: out =>
    lines(
      `Event ${out.event_id} from ${plain(out.from)} to ${plain(out.channel)}:`,
      ...out.receipts.map(receipt => {
        const how = receipt.answered_by
          ? `by ${receipt.answered_by}`
          : (receipt.proof ?? receipt.route ?? receipt.reason)
        return `${plain(receipt.session)}: ${receipt.state}${how ? ` (${plain(how)})` : ''}`
      }),
      out.receipts.length === 0 && 'nobody follows this yet',
    ),
  get_events: out =>
    lines(
      ...out.events.map(event => eventBlock(event)),
      out.events.length === 0 && 'No such events.',
      out.has_more && `More: go on from ${out.next}.`,
      out.trimmed_before !== undefined && `Events before ${out.trimmed_before} may have been pruned.`,
    ),
  heartbeat: out => `${plain(out.name)}: ${out.unread} unread.`,
  unregister: out => `${plain(out.name)} left; ${out.released_claims} claims released.`,
  set_state: out => `${plain(out.key)} is at version ${out.version}.`,
  get_state: out => lines(stateLine(out), out.deleted ? '  deleted' : indented(JSON.stringify(out.value))),
  list_state: out =>
    lines(
      ...out.entries.map(stateLine),
      out.entries.length === 0 && 'No entries.',
      out.more && 'There are more: give a `prefix`.',
    ),
  delete_state: out => `${plain(out.key)} is deleted at version ${out.version}.`,
  claim: out =>
    `${out.renewed ? 'Renewed' : 'Claimed'} ${plain(out.path)} in ${plain(out.repo)} until ${out.expires_at}, token ${out.token}.`,
  release: out => `Released ${plain(out.path)} in ${plain(out.repo)}, held by ${plain(out.held_by)}.`,
  list_claims: out =>
    lines(
      ...out.claims.map(
        each =>
          `${plain(each.path)} in ${plain(each.repo)}: ${plain(each.session)}, ${each.seconds_left} s left${each.note ? `: ${plain(each.note)}` : ''}`,
      ),
      out.claims.length === 0 && 'No claims.',
      out.more && 'There are more: give a `path`.',
    ),
  continue_chain: out => `Sent on as event ${out.event_id}.`,
  prune: out => `${out.events} events and ${out.sessions} sessions forgotten; ${out.kept_unread} kept because unread.`,
  create_token: out => lines(tokenLine(out), out.token),
  list_tokens: out => lines(...out.tokens.map(tokenLine)) || 'No tokens.',
  revoke_token: out => tokenLine(out),
}

type Peer = OutputOf<'register'>['peers'][number]

function peerLine(peer: Peer): string {
  const doing = peer.activity === 'waiting' && peer.waiting_for ? `waiting for ${peer.waiting_for}` : peer.activity
  const facts = [peer.role, peer.branch, doing, peer.presence].filter(fact => fact !== undefined)
  return `${plain(peer.name)} (${peer.codename}) ${plain(facts.join(', '))}${peer.summary ? `: ${plain(peer.summary)}` : ''}`
}

type Shown = OutputOf<'get_events'>['events'][number]

function eventBlock(event: Shown): string {
  const marks = [
    event.type === 'message' ? undefined : event.type,
    event.reply_to === undefined ? undefined : `reply to ${event.reply_to}`,
    event.thread === undefined ? undefined : `thread ${event.thread}`,
    event.tags?.join(' '),
  ].filter(mark => mark !== undefined)
  const head = `#${event.id} from ${plain(event.from)} to ${plain(event.channel)}`
  return lines(
    `${head}${marks.length > 0 ? ` [${plain(marks.join(', '))}]` : ''} ${event.at}`,
    event.title && indented(event.title),
    indented(event.text),
    event.data !== undefined && indented(JSON.stringify(event.data)),
  )
}

function stateLine(entry: OutputOf<'list_state'>['entries'][number]): string {
  return `${plain(entry.key)} v${entry.version} by ${plain(entry.by)} ${entry.at}${entry.note ? `: ${plain(entry.note)}` : ''}`
}

function tokenLine(token: OutputOf<'revoke_token'>): string {
  return `${plain(token.name)}: ${token.scopes.join(', ')}${token.revoked_at ? `, revoked ${token.revoked_at}` : ''}`
}

function lines(...parts: (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n')
}

/** On one line, without what a reader does not see. */
function plain(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim()
}

/** Each line behind two blanks. */
function indented(text: string): string {
  return visible(text)
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n')
}
