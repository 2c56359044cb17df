import { counted } from '../../../bus/counted.ts'
import { duration } from '../../../bus/duration.ts'
import { receiptWords } from '../../../bus/receipt.ts'
import { type Fixed, indented, joined, lines, printed, retold, type Said, say } from '../../../bus/say.ts'
import type { OperationName, OutputOf } from '../../../client/index.ts'
import { recipientText, textOf } from '../../../operations/texts.ts'
import { channelText, eventLine, letter, type NameOf } from './events.ts'
import { forYou } from './for-you.ts'
import { injectedText } from './injected.ts'
import type { Look, Style } from './look.ts'
import { table } from './table.ts'
import { ago, clock } from './time.ts'

/** What was asked for. */
export type Input = Readonly<Record<string, unknown>>

type Renderers = {
  readonly [N in OperationName]?: (output: OutputOf<N>, look: Look, nameOf?: NameOf, input?: Input) => Said
}

const PRESENCE_STYLES: Readonly<Record<string, Style>> = { online: 'green', stale: 'yellow', gone: 'dim' }
const RECEIPT_STYLES: Readonly<Record<string, Style>> = {
  consumed: 'green',
  answered: 'green',
  held: 'yellow',
  expired: 'yellow',
  undeliverable: 'red',
  taken_over: 'yellow',
}

const known: Renderers = {
  list_sessions: (output, look) => {
    const attention = forYou(output)
    const list = listed('Nobody is on the bus.', output.sessions, output.more, look, [
      { title: 'NAME', value: each => (each.you ? say`${each.name} (you)` : each.name), style: () => 'cyan' },
      { title: 'CODENAME', value: each => each.codename, style: () => 'dim', leavesAt: 2 },
      { title: 'ROLE', value: each => each.role, leavesAt: 6 },
      { title: 'PRESENCE', value: each => each.presence, style: each => PRESENCE_STYLES[each.presence] },
      { title: 'DOING', value: each => doing(each.activity, each.waiting_for), isElastic: true, leavesAt: 9 },
      { title: 'SEEN', value: each => say`${duration(each.seen_seconds_ago)} ago`, style: () => 'dim', leavesAt: 3 },
      { title: 'REPO', value: each => each.repo, isElastic: true, leavesAt: 4 },
      { title: 'BRANCH', value: each => each.branch, isElastic: true, leavesAt: 5 },
      {
        title: 'OVERLAPS',
        value: each => overlaps(each.overlaps),
        style: () => 'yellow',
        isElastic: true,
        leavesAt: 7,
      },
      { title: 'INJECTED', value: each => injectedText(each.injected), style: () => 'dim', leavesAt: 1 },
      { title: 'SUMMARY', value: each => each.summary, isElastic: true, leavesAt: 8 },
    ])
    return lines(list, attention && look.paint('yellow', say`For you: ${attention}.`))
  },
  whoami: (output, look) => {
    const cost = injectedText(output.injected)
    const text = textOf('whoami', output, '')
    return lines(text, cost && look.paint('dim', say`Injected into its context: ${cost}.`))
  },
  list_channels: ({ channels, more }, look) =>
    listed('No channel is followed.', channels, more, look, [
      { title: 'CHANNEL', value: each => each.channel, style: () => 'magenta', isElastic: true },
      { title: 'FOLLOWERS', value: each => each.followers, align: 'right' },
    ]),
  inbox: ({ messages, pending }, look) =>
    lines(
      messages.length === 0 && say('Nothing unread.'),
      ...messages.map((message, i) => (i === 0 ? letter(message, look) : say`\n${letter(message, look)}`)),
      pending > 0 && look.paint('dim', say`\n${pending} more unread.`),
    ),
  get_events: ({ events, has_more, next = 0 }, look, nameOf, input) =>
    lines(
      events.length === 0 && say('No events.'),
      ...events.map(event => eventLine(event, look, nameOf)),
      has_more &&
        look.paint(
          'dim',
          say`There are more: \`${isOldestFirst(input) ? say('--after') : say('--before')} ${next}\` goes on.`,
        ),
    ),
  message_status: (status, look, nameOf) =>
    lines(
      say`#${status.event_id} ${look.paint('cyan', say`${status.from}`)} → ${look.paint('magenta', channelText(status.channel, nameOf))} ${look.paint('dim', clock(status.at, look.now))}`,
      outcomeText(status, look),
    ),
  get_state: ({ key, value, version, by, at, note, deleted }, look) => {
    const about = joined(' · ', [
      say`version ${version} by ${by}`,
      ago(at, look.now),
      ...(note === undefined ? [] : [note]),
      ...(deleted ? [say('deleted')] : []),
    ])
    return lines(
      say`${look.paint('cyan', say`${key}`)} ${look.paint('dim', about)}`,
      indented(typeof value === 'string' ? value : printed(value, 2)),
    )
  },
  list_state: ({ entries, more }, look) =>
    listed('No shared state.', entries, more, look, [
      { title: 'KEY', value: each => each.key, style: () => 'cyan', isElastic: true },
      { title: 'VERSION', value: each => each.version, align: 'right' },
      { title: 'BY', value: each => each.by, leavesAt: 3 },
      { title: 'WRITTEN', value: each => ago(each.at, look.now), style: () => 'dim', leavesAt: 2 },
      { title: 'NOTE', value: each => each.note, isElastic: true, leavesAt: 1 },
    ]),
  list_claims: ({ claims, more }, look) =>
    listed('Nothing is claimed.', claims, more, look, [
      { title: 'PATH', value: each => each.path, style: () => 'cyan', isElastic: true },
      { title: 'REPO', value: each => each.repo, isElastic: true, leavesAt: 3 },
      { title: 'SESSION', value: each => each.session },
      { title: 'TOKEN', value: each => each.token, align: 'right', leavesAt: 1 },
      { title: 'LEFT', value: each => duration(each.seconds_left), align: 'right' },
      { title: 'NOTE', value: each => each.note, isElastic: true, leavesAt: 2 },
    ]),
  claim: ({ renewed, path, repo, token, expires_at }, look) => {
    const left = duration((Date.parse(expires_at) - look.now) / 1000)
    const where = repo === undefined ? say('') : say` in ${repo}`
    return say`${say(renewed ? 'Renewed' : 'Claimed')} ${path}${where} for ${left}, until ${clock(expires_at, look.now)}; token ${token}.`
  },
  revoke_token: ({ name, ended_sessions }) =>
    say`Token ${name} is revoked; ${counted(ended_sessions, 'session')} ended.`,
  list_tokens: ({ tokens }, look) =>
    listed('There are no tokens.', tokens, false, look, [
      { title: 'NAME', value: each => each.name, style: () => 'cyan' },
      { title: 'SCOPES', value: each => joined(',', each.scopes) },
      { title: 'MACHINE', value: each => each.machine, leavesAt: 2 },
      { title: 'MADE', value: each => ago(each.created_at, look.now), style: () => 'dim', leavesAt: 1 },
      {
        title: 'REVOKED',
        value: each => each.revoked_at && ago(each.revoked_at, look.now),
        style: () => 'red',
      },
    ]),
  create_token: ({ name, scopes, token }, look) =>
    lines(
      say`Token ${look.paint('cyan', say`${name}`)} may ${scopes}. It is shown this once:`,
      say`\n  ${token}\n`,
      say('Use it as SWITCHBOARD_TOKEN, or as Authorization: Bearer … over HTTP.'),
    ),
}

/** What became of a message: whether it was held, and what its recipients did with it. */
export function outcomeText(status: OutputOf<'message_status'>, look: Look): Said {
  const { held, continued_as: continuedAs, continues, receipts } = status
  const how =
    continuedAs === undefined
      ? say`Held; \`switchboard continue ${status.event_id}\` lets it through:`
      : say`Held, then let through as #${continuedAs}:`
  return lines(
    held !== undefined && look.paint('yellow', say`${how} ${retold(held)}.`),
    continues !== undefined && look.paint('yellow', say`This is #${continues}, which was held, let through.`),
    listed('No recipients.', receipts, false, look, [
      { title: 'SESSION', value: each => recipientText(each), style: () => 'cyan' },
      { title: 'STATE', value: each => each.state, style: each => RECEIPT_STYLES[each.state] },
      { title: 'ROUTE', value: each => each.route && receiptWords(each.route), leavesAt: 2 },
      { title: 'OFFERED', value: each => each.offered_at && clock(each.offered_at, look.now), leavesAt: 1 },
      { title: 'PROOF', value: each => each.proof && receiptWords(each.proof), leavesAt: 4 },
      { title: 'CONSUMED', value: each => each.consumed_at && clock(each.consumed_at, look.now), leavesAt: 3 },
      { title: 'ANSWER', value: each => each.answered_by && say`#${each.answered_by}`, leavesAt: 5 },
      { title: 'REASON', value: each => each.reason ?? takenOver(each), isElastic: true },
      { title: 'ENDED', value: each => each.ended, isElastic: true },
    ]),
  )
}

function takenOver({ taken_over_by: by }: OutputOf<'message_status'>['receipts'][number]): Said | undefined {
  return by === undefined ? undefined : say`by ${by}`
}

export const renderers = known as Readonly<
  Record<string, ((output: never, look: Look, nameOf?: NameOf, input?: Input) => Said) | undefined>
>

function listed<Row, const T extends string>(
  none: Fixed<T>,
  rows: readonly Row[],
  more: boolean | undefined,
  look: Look,
  columns: Parameters<typeof table<Row>>[1],
): Said {
  if (rows.length === 0) return say(none)
  return lines(table(rows, columns, look), more && look.paint('dim', 'There are more.'))
}

/** As `get_events` has it. */
function isOldestFirst({ order, after }: Input = {}): boolean {
  return (order ?? (after === undefined ? 'desc' : 'asc')) === 'asc'
}

function doing(activity: string | undefined, waitingFor: string | undefined): Said | string | undefined {
  return waitingFor === undefined || activity === undefined ? activity : say`${activity}: ${waitingFor}`
}

function overlaps(all: readonly { session: string; path: string }[] | undefined): Said[] | undefined {
  return all?.map(({ session, path }) => say`${session}: ${path}`)
}
