import type { Event } from '../../../bus/event.ts'
import type { ReceiptNews } from '../../../client/index.ts'
import type { Look, Style } from './look.ts'
import { oneLine, plainText } from './plain-text.ts'
import { clock } from './time.ts'
import { shortened, widthOf } from './width.ts'

/** A session's name by its id, where it is known. */
export type NameOf = (sessionId: string) => string | undefined

const LEVEL_STYLES: Readonly<Record<string, Style>> = { actionable: 'yellow', lifecycle: 'dim' }

/**
 * An event on one line: time, id, sender → channel, type, level, text. A session's channel is shown by the session's
 * name where it is known. On a terminal it does not get longer than that is wide.
 */
export function eventLine(event: Shown<Event>, look: Look, nameOf?: NameOf): string {
  const channel = channelText(event.channel, nameOf)
  const parts: [Style | undefined, string][] = [
    ['dim', clock(event.at, look.now)],
    ['dim', `#${event.id}`],
    ['cyan', oneLine(event.from)],
    [undefined, '→'],
    ['magenta', channel],
    ...(event.type === 'message' ? [] : ([['green', oneLine(event.type)]] as [Style, string][])),
    ...(event.held === undefined ? [] : ([['yellow', 'held']] as [Style, string][])),
    ...(event.level === 'info' ? [] : ([[LEVEL_STYLES[event.level], event.level]] as [Style | undefined, string][])),
  ]
  const head = parts.map(([, text]) => text).join(' ')
  const text = oneLine([event.title, event.text].filter(Boolean).join(' — '))
  const room = look.columns === undefined ? Number.POSITIVE_INFINITY : look.columns - widthOf(head) - 2
  const painted = parts.map(([style, text]) => (style === undefined ? text : look.paint(style, text))).join(' ')
  const words = room < 8 ? '' : shortened(text, room)
  return `${painted}  ${event.level === 'lifecycle' && words !== '' ? look.paint('dim', words) : words}`.trimEnd()
}

/** What became of an event for one session: time, id, session, state, by which route and with which proof. */
export function receiptLine(receipt: ReceiptNews, look: Look): string {
  const { event_id, session, state, route, proof, answered_by } = receipt
  const how = [
    route === undefined ? '' : `by ${route}`,
    proof === undefined ? '' : `proved by ${proof}`,
    answered_by === undefined ? '' : `with #${answered_by}`,
  ].filter(each => each !== '')
  const line = `${clock(receipt.at, look.now)} #${event_id} ${state} for ${oneLine(session)}`
  return look.paint('dim', how.length === 0 ? line : `${line}: ${oneLine(how.join(', '))}`)
}

const SESSION_PREFIX = 'session:'

/** Ids are for programs: a session's own channel is shown by its name. */
export function channelText(channels: string, nameOf: NameOf = () => undefined): string {
  return oneLine(channels)
    .split(' ')
    .map(each => (each.startsWith(SESSION_PREFIX) ? oneLine(nameOf(each.slice(SESSION_PREFIX.length)) ?? each) : each))
    .join(' ')
}

/** Of a letter in one's own inbox: the groups that it was sent to, and oneself. */
function readersOf(channels: string): string {
  const groups = channels.split(' ').filter(each => !each.startsWith(SESSION_PREFIX))
  return [...(groups.length < channels.split(' ').length ? ['you'] : []), ...groups].join(', ')
}

type Message = Shown<Event> & { readonly trust?: string | undefined; readonly repeat?: boolean | undefined }

/** As an operation's output types it: an absent field may also be there and undefined. */
type Shown<T> = { readonly [K in keyof T]: T[K] | undefined } & Pick<
  T & Event,
  'id' | 'type' | 'channel' | 'from' | 'text' | 'level' | 'at'
>

/** A message as a letter: a line about it, then its text, indented so that it can not look like such a line. */
export function letter(message: Message, look: Look): string {
  const marks = [
    message.type === 'message' ? '' : message.type,
    message.level === 'info' ? '' : message.level,
    message.trust === undefined || message.trust === 'peer' ? '' : message.trust,
    message.reply_to === undefined ? '' : `re #${message.reply_to}`,
    message.thread === undefined ? '' : `thread ${message.thread}`,
    message.tags === undefined ? '' : message.tags.map(tag => `[${tag}]`).join(''),
    message.repeat ? 'possible repeat' : '',
  ]
  const about = [
    `#${message.id}`,
    `to ${readersOf(message.channel)}`,
    clock(message.at, look.now),
    ...marks.filter(mark => mark !== ''),
  ]
    .map(oneLine)
    .join(' · ')
  const title = message.title === undefined ? '' : `\n  ${look.paint('bold', oneLine(message.title))}`
  const body = plainText(message.text)
    .split('\n')
    .map(line => `  ${line}`.trimEnd())
    .join('\n')
  return `${look.paint('cyan', oneLine(message.from))} ${look.paint('dim', about)}${title}\n${body}`
}
