import { type Caller, OPERATOR_ID } from '../bus/access.ts'
import { BusError } from '../bus/errors.ts'
import type { EventFilter } from '../bus/event.ts'
import type { Session } from '../bus/session.ts'
import type { Store } from '../bus/store.ts'
import type { FanOut } from '../delivery/fan-out.ts'
import { inboxFilter, narrowed } from '../delivery/inbox-filter.ts'
import type { LiveStream, Sink } from '../delivery/live-stream.ts'
import { eventFilter } from '../operations/event-filter.ts'
import { sessionEnded } from '../operations/invoke.ts'
import type { StreamRequest } from '../transports/http/hub-port.ts'
import type { Presence } from './presence.ts'

/** The open streams, by who reads them. `mine` and `attach` are about the caller's own session, and no other. */
export class Streams {
  readonly #store: Store
  readonly #fanOut: FanOut
  readonly #presence: Presence
  readonly #byCaller = new Map<string, Set<LiveStream>>()

  constructor(parts: { store: Store; fanOut: FanOut; presence: Presence }) {
    this.#store = parts.store
    this.#fanOut = parts.fanOut
    this.#presence = parts.presence
  }

  async open(caller: Caller, wanted: StreamRequest, sink: Sink): Promise<void> {
    const isOwn = wanted.mine || wanted.attach
    if (isOwn && caller.kind === 'token') {
      throw new BusError('session_required', 'a token has no inbox and no presence of its own', {
        next: 'Call `register` with it first, then use the session credential that it returns.',
      })
    }
    const fixed = await eventFilter(this.#store, wanted.filter)
    const filter = async (): Promise<EventFilter> =>
      wanted.mine ? narrowed(inboxFilter(await livingSession(this.#store, caller)), fixed) : fixed
    if (isOwn) await this.#presence.settled(caller.id)
    if (isOwn) await livingSession(this.#store, caller)

    let stream: LiveStream | undefined
    let isStale = false
    const onChange = () => {
      isStale = true
      stream?.refilter()
    }
    const letGo = [
      ...(wanted.mine ? [this.#presence.watch(caller.id, onChange)] : []),
      ...(wanted.attach && caller.id !== OPERATOR_ID ? [this.#presence.attach(caller.id)] : []),
    ]
    let isClosed = false
    const onClose = () => {
      isClosed = true
      for (const each of letGo) each()
      if (stream) this.#forget(caller.id, stream)
    }
    stream = await this.#fanOut.open({ after: wanted.after, filter, sink, wantsReceipts: wanted.receipts, onClose })
    if (isStale) stream.refilter()
    if (!isClosed) this.#remember(caller.id, stream)
  }

  /** A credential that has ended ends what was opened with it. */
  closeOf(callerId: string): void {
    for (const stream of [...(this.#byCaller.get(callerId) ?? [])]) stream.close()
  }

  #remember(callerId: string, stream: LiveStream): void {
    const streams = this.#byCaller.get(callerId) ?? new Set()
    this.#byCaller.set(callerId, streams.add(stream))
  }

  #forget(callerId: string, stream: LiveStream): void {
    const streams = this.#byCaller.get(callerId)
    if (streams?.delete(stream) && streams.size === 0) this.#byCaller.delete(callerId)
  }
}

/** The session that a credential names, while it has not ended. */
export async function livingSession(store: Store, caller: Caller): Promise<Session> {
  const session = await store.session(caller.id)
  if (session && (session.endedAt === undefined || session.id === OPERATOR_ID)) return session
  throw sessionEnded(session, caller.id)
}
