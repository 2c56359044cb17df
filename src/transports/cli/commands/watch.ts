import { defined } from '../../../bus/defined.ts'
import { BusError } from '../../../bus/errors.ts'
import { type Event, LEVELS, type Level } from '../../../bus/event.ts'
import { printed, quoted, say } from '../../../bus/say.ts'
import type { ChangeNews, Client, ReceiptNews } from '../../../client/index.ts'
import type { Invocation } from '../command.ts'
import { actor } from '../identity.ts'
import { optionalWholeNumber } from '../parse/numbers.ts'
import { changeLine, eventLine, receiptLine } from '../render/events.ts'
import { createSessionNames } from '../session-names.ts'

const DEFAULT_LAST = 20
const MAX_LAST = 500

interface Filter {
  readonly channel?: string
  readonly types?: readonly string[]
  readonly from?: string
  readonly thread?: string
  readonly minLevel?: Level
}

/**
 * The timeline: the last events, then each event, its receipts and other changes as they happen, until Ctrl-C or until
 * nobody reads.
 */
export async function watch(invocation: Invocation): Promise<number> {
  const { options } = invocation
  const filter = filterOf(options)
  const last = optionalWholeNumber(options.last, '--last', 0, MAX_LAST) ?? DEFAULT_LAST
  const { client } = await actor(invocation)
  try {
    await follow(client, filter, last, invocation)
    return 0
  } finally {
    await client.close()
  }
}

async function follow(client: Client, filter: Filter, last: number, { io, global }: Invocation): Promise<void> {
  const names = createSessionNames(client)
  const print = async (event: Event) => {
    if (global.isJson) return io.out.verbatim(printed(event))
    await names.learn(event.channel)
    io.out.line(eventLine(event, io.out.look, names.nameOf))
  }
  const printReceipt = (receipt: ReceiptNews) =>
    global.isJson ? io.out.verbatim(printed({ receipt })) : io.out.line(receiptLine(receipt, io.out.look))
  const printChange = (change: ChangeNews) =>
    global.isJson ? io.out.verbatim(printed({ change })) : io.out.line(changeLine(change, io.out.look))
  let isReplayed = last === 0
  for await (const item of client.stream({ ...filter, receipts: true, signal: io.signal })) {
    if (item.kind === 'event') await print(item.event)
    else if (item.kind === 'receipt') printReceipt(item.receipt)
    else if (item.kind === 'change') printChange(item.change)
    else if (item.kind === 'reset') io.err.line(say`Events before #${item.oldest} were pruned.`)
    else if (!isReplayed) {
      // The stream is open by now and begins after `newest`: what came before is read from the log, without a gap.
      isReplayed = true
      for (const event of await earlier(client, filter, item.newest + 1, last, io.signal)) await print(event)
    }
  }
}

async function earlier(client: Client, filter: Filter, before: number, limit: number, signal: AbortSignal) {
  const { minLevel, types, ...same } = filter
  const { events } = await client.call(
    'get_events',
    defined({ ...same, types: types && [...types], min_level: minLevel, before, order: 'desc', limit }),
    { signal },
  )
  return (events as Event[]).reverse()
}

function filterOf(options: Invocation['options']): Filter {
  const text = (name: string) => (typeof options[name] === 'string' ? (options[name] as string) : undefined)
  const types = text('types')
    ?.split(',')
    .map(type => type.trim())
    .filter(type => type !== '')
  return defined({
    channel: text('channel'),
    types,
    from: text('from'),
    thread: text('thread'),
    minLevel: levelOf(text('minLevel')),
  })
}

function levelOf(typed: string | undefined): Level | undefined {
  if (typed === undefined || (LEVELS as readonly string[]).includes(typed)) return typed as Level | undefined
  throw new BusError('invalid_input', say`--min-level: expected one of ${LEVELS}, got ${quoted(typed ?? '')}`)
}
