import type { Event } from '../../../bus/event.ts'
import { receiptWords } from '../../../bus/receipt.ts'
import { indented, joined, lines, retold, Said, say } from '../../../bus/say.ts'
import { onOneLine } from '../../../bus/visible.ts'
import { shortened, widthOf } from '../../../bus/width.ts'
import type { ChangeNews, ReceiptNews } from '../../../client/index.ts'
import type { Look, Style } from './look.ts'
import { clock } from './time.ts'

/** A session's name by its id, where it is known. */
export type NameOf = (sessionId: string) => string | Said | undefined

const LEVEL_STYLES: Readonly<Record<string, Style>> = { actionable: 'yellow', lifecycle: 'dim' }

/**
 * An event on one line, where the terminal is wide enough: time, id, sender → channel, type, level, text. A session's
 * channel is shown by the session's name where it is known. The text is cut to the terminal's width.
 */
export function eventLine(event: Shown<Event>, look: Look, nameOf?: NameOf): Said {
  const parts: readonly (readonly [Style | undefined, Said])[] = [
    ['dim', clock(event.at, look.now)],
    ['dim', say`#${event.id}`],
    ['cyan', say`${event.from}`],
    [undefined, say('→')],
    ['magenta', channelText(event.channel, nameOf)],
    ...(event.type === 'message' ? [] : [['green', say`${event.type}`] as const]),
    ...(event.held === undefined ? [] : [['yellow', say('held')] as const]),
    ...(event.level === 'info' ? [] : [[LEVEL_STYLES[event.level], say`${event.level}`] as const]),
  ]
  const width = parts.reduce((sum, [, part]) => sum + widthOf(part.text) + 1, 0)
  const painted = parts.map(([style, part]) => (style === undefined ? part : look.paint(style, part)))
  const room = (look.columns ?? Number.POSITIVE_INFINITY) - width - 1
  // Where too little is left, the text stands in a row of its own, further in.
  const isBelow = room < MIN_TEXT_COLUMNS
  const text = endOfLine([event.title, event.text], isBelow ? look.columns! - BELOW.text.length : room)
  if (text.text === '') return joined(' ', painted)
  return say`${joined(' ', painted)}${isBelow ? BELOW : say('  ')}${event.level === 'lifecycle' ? look.paint('dim', text) : text}`
}

const MIN_TEXT_COLUMNS = 20
const BELOW = say('\n      ')

/** What stands at the end of a line of ours, behind two blanks, needs no quotation marks: nothing of ours follows. */
function endOfLine(texts: readonly (string | undefined)[], columns = Number.POSITIVE_INFINITY): Said {
  const line = texts.filter(Boolean).map(text => onOneLine(text!))
  return Said.trusted(columns < 8 ? '' : shortened(line.join(' — '), columns))
}

/** What became of an event for one session: time, id, session, state, by which route and with which proof. */
export function receiptLine(receipt: ReceiptNews, look: Look): Said {
  const { event_id, session, state, route, proof, answered_by } = receipt
  const how = [
    ...(route === undefined ? [] : [say`by ${receiptWords(route)}`]),
    ...(proof === undefined ? [] : [say`proved by ${receiptWords(proof)}`]),
    ...(answered_by === undefined ? [] : [say`with #${answered_by}`]),
  ]
  const line = say`${clock(receipt.at, look.now)} #${event_id} ${state} for ${session}`
  return look.paint('dim', how.length === 0 ? line : say`${line}: ${how}`)
}

export function changeLine({ at, from, text, level }: ChangeNews, look: Look): Said {
  // The hub has quoted what others chose.
  const line = say`${clock(at, look.now)} ${from} ${retold(text)}`
  return look.paint(LEVEL_STYLES[level] ?? 'dim', line)
}

const SESSION_PREFIX = 'session:'

/** Ids are for programs: a session's own channel is shown by its name. */
export function channelText(channels: string, nameOf: NameOf = () => undefined): Said {
  const names = channels
    .split(' ')
    .map(each => (each.startsWith(SESSION_PREFIX) ? (nameOf(each.slice(SESSION_PREFIX.length)) ?? each) : each))
  return joined(' ', names)
}

/** Of a letter in one's own inbox: the groups that it was sent to, and oneself. */
function readersOf(channels: string): string[] {
  const groups = channels.split(' ').filter(each => !each.startsWith(SESSION_PREFIX))
  return [...(groups.length < channels.split(' ').length ? ['you'] : []), ...groups]
}

type Message = Shown<Event> & { readonly trust?: string | undefined; readonly repeat?: boolean | undefined }

/** As an operation's output types it: an absent field may also be there and undefined. */
type Shown<T> = { readonly [K in keyof T]: T[K] | undefined } & Pick<
  T & Event,
  'id' | 'type' | 'channel' | 'from' | 'text' | 'level' | 'at'
>

/**
 * A message as a letter: a line about it, then its text, indented so that it cannot look like such a line. `to`: whom it
 * went to; for the reader of an inbox that is the reader, and groups.
 */
export function letter(message: Message, look: Look, to = say`${readersOf(message.channel)}`): Said {
  const about = joined(' · ', [
    say`#${message.id}`,
    say`to ${to}`,
    clock(message.at, look.now),
    ...(message.type === 'message' ? [] : [message.type]),
    ...(message.level === 'info' ? [] : [message.level]),
    ...(message.trust === undefined || message.trust === 'peer' ? [] : [message.trust]),
    ...(message.reply_to === undefined ? [] : [say`re #${message.reply_to}`]),
    ...(message.thread === undefined ? [] : [say`thread ${message.thread}`]),
    ...(message.tags === undefined
      ? []
      : [
          joined(
            '',
            message.tags.map(tag => say`[${tag}]`),
          ),
        ]),
    ...(message.repeat ? [say('possible repeat')] : []),
  ])
  return lines(
    say`${look.paint('cyan', say`${message.from}`)} ${look.paint('dim', about)}`,
    message.title !== undefined && say`  ${look.paint('bold', endOfLine([message.title]))}`,
    indented(message.text),
  )
}
