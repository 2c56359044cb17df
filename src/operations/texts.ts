import { counted } from '../bus/counted.ts'
import { duration } from '../bus/duration.ts'
import { fenced, type Letter, preambleOf } from '../bus/letter.ts'
import { receiptWords } from '../bus/receipt.ts'
import { indented, lines, printed, retold, Said, say } from '../bus/say.ts'
import type { OutputOf, PublicOperationName } from './index.ts'

/**
 * One short text per result, for models that are not shown the structured one, and for people. Mail stands in its
 * fence, closed by the nonce; other text of more than a line stands behind two blanks on each line, so that it can not
 * pass for a line of ours; all else is quoted by `say`.
 */
type Texts = { readonly [N in PublicOperationName]: (output: OutputOf<N>, nonce: string) => Said }

export function textOf<N extends PublicOperationName>(name: N, output: OutputOf<N>, nonce: string): Said {
  return texts[name](output, nonce)
}

export function hasText(name: string): name is PublicOperationName {
  return Object.hasOwn(texts, name)
}

const texts: Texts = {
  register: out =>
    lines(
      say`You are ${out.name} (${out.codename})${out.repo ? say` in ${out.repo}` : ''}${say(out.resumed ? ', resumed' : '')}. Unread: ${out.unread}.`,
      out.note !== undefined && retold(out.note),
      ...out.peers.map(peerLine),
    ),
  whoami: out => lines(peerLine(out), say`Unread: ${out.unread}.`),
  list_sessions: out =>
    out.sessions.length === 0
      ? say('Nobody is here.')
      : lines(
          ...out.sessions.flatMap(session => [
            say`${peerLine(session)}${say(session.you ? ' (you)' : '')}`,
            ...(session.overlaps ?? []).map(
              each => say`  overlaps with ${each.session}: ${each.path} and ${each.their_path}`,
            ),
          ]),
          out.more && say('There are more: raise `limit` or narrow `scope`.'),
          out.more_overlaps && say('There may be more overlaps than these.'),
          out.unread !== undefined && out.unread > 0 && say`Unread: ${out.unread}.`,
        ),
  list_channels: out =>
    out.channels.length === 0
      ? say('No channels.')
      : lines(
          ...out.channels.map(each => say`- ${each.channel}: ${each.followers}`),
          out.more && say('There are more.'),
        ),
  publish: out => lines(publishedLine(out), out.note !== undefined && retold(out.note)),
  inbox: (out, nonce) =>
    lines(
      out.messages.length > 0 && preambleOf(out.messages),
      ...out.messages.map(message => Said.trusted(fenced(message as Letter, nonce))),
      out.messages.length === 0 ? say('No unread messages.') : out.pending > 0 && say`${out.pending} more unread.`,
    ),
  ack: out => say`Read up to ${out.position}. Unread: ${out.pending}.`,
  message_status: out =>
    lines(
      say`Event ${out.event_id} from ${out.from} to ${channels(out.channel)}:`,
      out.held !== undefined && say`It is held: ${retold(out.held)}.`,
      out.continued_as !== undefined && say`It was let through as event ${out.continued_as}.`,
      out.continues !== undefined && say`It is event ${out.continues}, which was held, let through.`,
      ...out.receipts.map(receipt => {
        const reported = receipt.proof ?? receipt.route
        const by = receipt.answered_by ?? receipt.taken_over_by
        const how = by ? say`by ${by}` : reported === undefined ? retold(receipt.reason ?? '') : receiptWords(reported)
        return say`- ${recipientText(receipt)}${say(receipt.ended === undefined ? '' : ', which has ended')}: ${receipt.state}${how.text === '' ? '' : say` (${how})`}`
      }),
      out.receipts.length === 0 && say('It has no recipients.'),
    ),
  get_events: out =>
    lines(
      ...out.events.map(event => eventBlock(event)),
      out.events.length === 0 && say('No such events.'),
      out.has_more && say`More: go on from ${out.next ?? 0}.`,
      out.trimmed_before !== undefined && say`Events before ${out.trimmed_before} may have been pruned.`,
    ),
  heartbeat: out => say`You are ${out.name}. Unread: ${out.unread}.`,
  unregister: out => say`${out.name} left; ${counted(out.released_claims, 'claim')} released.`,
  readmit: out => say`${out.name} may come back.`,
  set_state: out => say`${out.key} is at version ${out.version}.`,
  get_state: out => lines(stateLine(out), out.deleted ? say('  deleted') : indented(printed(out.value))),
  list_state: out =>
    lines(
      ...out.entries.map(stateLine),
      out.entries.length === 0 && say('No entries.'),
      out.more && say('There are more: give a `prefix`.'),
    ),
  delete_state: out => say`${out.key} is deleted at version ${out.version}.`,
  claim: out =>
    say`${say(out.renewed ? 'Renewed' : 'Claimed')} ${out.path}${inRepo(out)} until ${out.expires_at}, token ${out.token}.`,
  release: out => say`Released ${out.path}${inRepo(out)}, held by ${out.held_by}.`,
  list_claims: out =>
    lines(
      ...out.claims.map(
        each =>
          say`${each.path} in ${each.repo}: ${each.session}, ${duration(each.seconds_left)} left${each.note ? say`: ${each.note}` : ''}`,
      ),
      out.claims.length === 0 && say('No claims.'),
      out.more && say('There are more: give a `path`.'),
    ),
  continue_chain: out => say`Sent on as event ${out.event_id}.`,
  prune: out =>
    say`${counted(out.events, 'event')} and ${counted(out.sessions, 'session')} forgotten; ${out.kept_unread} kept because unread.`,
  create_token: out => lines(tokenLine(out), say`${out.token}`),
  list_tokens: out => (out.tokens.length === 0 ? say('No tokens.') : lines(...out.tokens.map(tokenLine))),
  narrow_token: out => tokenLine(out),
  revoke_token: out => say`${tokenLine(out)}; ${counted(out.ended_sessions, 'session')} ended.`,
}

function publishedLine(out: OutputOf<'publish'>): Said {
  if (out.held !== undefined) return say`Event ${out.event_id} is held: ${retold(out.held)}.`
  const stored = say`Event ${out.event_id} (${out.level}) is stored`
  if (out.recipients.length === 0) return say`${stored}; it has no recipients yet; a sender gets no copy of its own.`
  // Those that have ended come last, because the sentence goes on about them.
  const [there, ended] = [false, true].map(has => out.recipients.filter(each => (each.ended !== undefined) === has))
  const all = [...there!.map(recipientText), ...ended!.map(each => say`${recipientText(each)}, which has ended`)]
  return say`${stored} for ${all}${say(out.more_recipients ? ' and more' : '')}.`
}

/** The name of one that has ended may be that of another by now. */
export function recipientText({ session, codename }: { session: string; codename?: string | undefined }): Said {
  return codename === undefined ? say`${session}` : say`${session} (${codename})`
}

type Peer = OutputOf<'register'>['peers'][number]

function peerLine(peer: Peer): Said {
  const doing = peer.activity === 'waiting' && peer.waiting_for ? say`waiting for ${peer.waiting_for}` : peer.activity
  const facts = [peer.role, peer.branch, doing, peer.presence].filter(fact => fact !== undefined)
  return say`${peer.name} (${peer.codename}) ${facts}${peer.summary ? say`: ${peer.summary}` : ''}`
}

type Shown = OutputOf<'get_events'>['events'][number]

function eventBlock(event: Shown): Said {
  const marks = [
    event.type === 'message' ? undefined : event.type,
    event.reply_to === undefined ? undefined : say`reply to ${event.reply_to}`,
    event.thread === undefined ? undefined : say`thread ${event.thread}`,
    ...(event.tags ?? []),
  ].filter(mark => mark !== undefined)
  const head = say`#${event.id} from ${event.from} to ${channels(event.channel)}`
  return lines(
    say`${head}${marks.length > 0 ? say` [${marks}]` : ''} ${event.at}`,
    event.title !== undefined && event.title !== '' && indented(event.title),
    indented(event.text),
    event.data !== undefined && indented(printed(event.data)),
  )
}

/** Several are joined by a blank. */
function channels(channel: string): string[] {
  return channel.split(' ')
}

function stateLine(entry: OutputOf<'list_state'>['entries'][number]): Said {
  return say`${entry.key} v${entry.version} by ${entry.by} ${entry.at}${entry.note ? say`: ${entry.note}` : ''}`
}

function tokenLine(token: OutputOf<'narrow_token'>): Said {
  return say`Token ${token.name}: ${token.scopes}${token.revoked_at ? say`, revoked ${token.revoked_at}` : ''}`
}

function inRepo({ repo }: { repo?: string | undefined }): Said {
  return repo === undefined ? say('') : say` in ${repo}`
}
