import { type Caller, credentialId, OPERATOR_ID } from '../bus/access.ts'
import { BusError } from '../bus/errors.ts'
import type { EventFilter } from '../bus/event.ts'
import type { Session } from '../bus/session.ts'
import type { StoreReads } from '../bus/store-reads.ts'
import type { FanOut } from '../delivery/fan-out.ts'
import { inboxFilter, narrowed } from '../delivery/inbox-filter.ts'
import type { LiveStream, Sink } from '../delivery/live-stream.ts'
import { requireAuthority, sessionEnded } from '../operations/authority.ts'
import { eventFilter } from '../operations/event-filter.ts'
import type { StreamRequest } from '../transports/http/hub-port.ts'
import type { Presence } from './presence.ts'

interface OpenStream {
  close(): void
}

/** The open streams, by the credential that reads them and by its grantor. `mine` and `attach` are about the caller's own session, and no other. */
export class Streams {
  readonly #store: StoreReads
  readonly #fanOut: FanOut
  readonly #presence: Presence
  readonly #byCredential = new Map<string, Set<OpenStream>>()

  constructor(parts: { store: StoreReads; fanOut: FanOut; presence: Presence }) {
    this.#store = parts.store
    this.#fanOut = parts.fanOut
    this.#presence = parts.presence
  }

  async open(caller: Caller, wanted: StreamRequest, sink: Sink): Promise<void> {
    let stream: LiveStream | undefined
    let isOver = false
    // Known before the credential is looked at once more: one that ends from now on ends this, too.
    const letGo = this.#remember(caller, {
      close() {
        isOver = true
        stream?.close()
      },
    })
    try {
      stream = await this.#begin(caller, wanted, sink, letGo)
      if (isOver) stream.close()
    } catch (error) {
      letGo()
      throw error
    }
  }

  async #begin(caller: Caller, wanted: StreamRequest, sink: Sink, letGo: () => void): Promise<LiveStream> {
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
    await requireAuthority(this.#store, caller, 'read')

    let stream: LiveStream | undefined
    let isStale = false
    const onChange = () => {
      isStale = true
      stream?.refilter()
    }
    const onEnd = [
      letGo,
      ...(wanted.mine ? [this.#presence.watch(caller.id, onChange)] : []),
      ...(wanted.attach && caller.id !== OPERATOR_ID ? [this.#presence.attach(caller.id)] : []),
    ]
    const onClose = () => {
      for (const each of onEnd) each()
    }
    stream = await this.#fanOut.open({ after: wanted.after, filter, sink, wantsReceipts: wanted.receipts, onClose })
    if (isStale) stream.refilter()
    return stream
  }

  /** A credential that has ended ends what was opened with it, and with what it has granted. */
  closeOf(id: string): void {
    for (const stream of [...(this.#byCredential.get(id) ?? [])]) stream.close()
  }

  #remember(caller: Caller, stream: OpenStream): () => void {
    const ids = [credentialId(caller), caller.grantor]
    for (const id of ids) this.#byCredential.set(id, (this.#byCredential.get(id) ?? new Set()).add(stream))
    return () => {
      for (const id of ids) {
        const streams = this.#byCredential.get(id)
        if (streams?.delete(stream) && streams.size === 0) this.#byCredential.delete(id)
      }
    }
  }
}

/** The session that a credential names, while it has not ended. */
export async function livingSession(store: StoreReads, caller: Caller): Promise<Session> {
  const session = await store.session(caller.id)
  if (session && (session.endedAt === undefined || session.id === OPERATOR_ID)) return session
  throw sessionEnded(session, caller.id)
}
