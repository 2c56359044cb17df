import { mustBeSynced } from '../../bus/durability.ts'
import { BusError } from '../../bus/errors.ts'
import type { StoredEvent } from '../../bus/event.ts'
import { LIMITS } from '../../bus/limits.ts'
import { retold, type Said, say } from '../../bus/say.ts'
import { type MachineClock, StoreClock } from '../../bus/store-clock.ts'
import { CallerMemo } from './caller-memo.ts'
import { type Asked, carry, type Outcome } from './carry.ts'
import { CommitQueue } from './commit-queue.ts'
import { FULL, isFatal, resultCode, storeError } from './errors.ts'
import { indexEvents, MAX_BATCH_EVENTS } from './event-index.ts'
import { mend } from './mend.ts'
import { OpenedFiles } from './opened-files.ts'
import type { Sql } from './sql.ts'
import { Tail } from './tail.ts'
import { KnownLog, readLog, StaleLog, type Transaction, writeLog } from './transaction.ts'

/** Told of the events that a transaction has brought. */
type Done = (appended: readonly StoredEvent[]) => void

export interface WriterOptions {
  /** The caller keeps all other processes from the file, so the store may repair what happened to it meanwhile. */
  readonly isAlone?: boolean
  /** Told of what has happened to the file from outside. */
  readonly onIncident?: ((text: Said) => void) | undefined
  readonly sizes?: Sizes
}

/** Of use to tests only. */
interface Sizes {
  /** How many events may wait for their indexes. */
  readonly indexBatch?: number | undefined
  /** How many rows one piece of a long work may take. */
  readonly pieceRows?: number | undefined
}

/**
 * Events that may wait for the word index; a search looks through them one by one, about 1 ms for this many. Indexing
 * within the commit took 389 µs instead of 275 (+41 %, and +76 % of the processor's share); in batches of 64 it is 23 µs
 * an event, paid when nobody waits.
 */
const INDEX_BATCH = 64

/**
 * The one writer. Commits that are asked for in the same turn of the event loop, or while the disk syncs, share a
 * transaction and its sync, if any of them must be synced.
 *
 *   idle ──commit──▶ collecting ──end of this turn──▶ writing ──▶ idle │ collecting, where more came meanwhile
 *     └──── any I/O error: failed, for good. A sync that failed once may "succeed" the second time without the data
 *           being on the disk, so there is no retry; the process starts anew and SQLite recovers what was synced.
 */
export class GroupCommit {
  readonly #sql: Sql
  readonly #clock: StoreClock
  readonly #done: Done
  readonly #log = new KnownLog()
  readonly #tail: Tail
  readonly #files: OpenedFiles
  readonly #path: string
  readonly #machine: MachineClock
  readonly #onIncident: ((text: Said) => void) | undefined
  readonly #waiting = new CommitQueue()
  #isScheduled = false
  #isIndexing = false
  #isMerging = false
  readonly #indexBatch: number
  readonly #pieceRows: number
  #unindexed: number
  #failure: BusError | undefined
  readonly memo = new CallerMemo()
  commits = 0
  transactions = 0

  constructor(
    sql: Sql,
    path: string,
    machine: MachineClock,
    done: Done,
    { isAlone = false, onIncident, sizes = {} }: WriterOptions = {},
  ) {
    this.#path = path
    this.#machine = machine
    this.#onIncident = onIncident
    this.#indexBatch = sizes.indexBatch ?? INDEX_BATCH
    this.#pieceRows = sizes.pieceRows ?? LIMITS.pieceRows
    this.#sql = sql
    this.#done = done
    const { at, aheadMs, newest, indexedUpTo } = readLog(sql)
    this.#clock = new StoreClock(machine, { latest: at, aheadMs })
    this.#unindexed = newest - indexedUpTo
    this.#tail = new Tail(sql, indexedUpTo)
    this.#files = new OpenedFiles(sql, path, isAlone)
    this.#indexLater()
  }

  now(): number {
    return this.#clock.now()
  }

  submit(asked: Asked): Promise<Outcome> {
    this.commits++
    return new Promise(settle => {
      this.#waiting.add({ asked, settle })
      this.#schedule()
    })
  }

  /** Throws once the store has failed or is closed. */
  check(): void {
    if (this.#failure) throw this.#failure
  }

  /** The same before a read, and where the file that is read is no longer the store's. */
  checkFile(): void {
    this.check()
    this.#files.requireSameByNow()
  }

  fail(failure: BusError): void {
    this.#failure ??= failure
  }

  /** Carries what still waits, and leaves the file as whole as the disk allows. */
  close(closeConnection: () => void): void {
    while (!this.#waiting.isEmpty) this.#carryWaiting()
    this.fail(new BusError('store_unavailable', 'the store is closed'))
    try {
      this.#files.end()
    } catch {
      // Nothing is lost: the next opening reads the log.
    }
    closeConnection()
    this.#files.close()
  }

  /**
   * At the end of this turn, so that all whose requests have arrived by now share a sync: 32 sockets make transactions
   * of 17. Waiting another turn after a shared one made them 19 and changed neither rate nor latency, so nobody waits.
   */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#carryWaiting()
      this.#indexLater()
      this.#mergeLater()
      if (!this.#waiting.isEmpty) this.#schedule()
    })
  }

  #carryWaiting(): void {
    const waiting = this.#waiting.take()
    if (waiting.length === 0) return
    const carried = waiting.map(({ asked }) => asked)
    let appended: readonly StoredEvent[] = []
    let outcomes: Outcome[]
    try {
      const onlyAppends = carried.every(({ commands }) => commands.every(({ kind }) => kind === 'append'))
      const write = () =>
        this.#transact(transaction => {
          const done = carried.map(asked => {
            const outcome = carry(transaction, this.memo, asked, carried.length > 1)
            this.memo.forget(asked.commands)
            return 'fault' in outcome ? { fault: storeError(outcome.fault, this.#path) } : outcome
          })
          appended = transaction.appended
          return [done, done.some(isChange)]
        }, onlyAppends)
      outcomes = carried.some(({ commands }) => mustBeSynced(commands)) ? write() : this.#unsynced(write)
      if (outcomes.some(isChange)) this.transactions++
    } catch (fault) {
      appended = []
      outcomes = carried.map(() => ({ fault }))
    }
    for (const [i, { settle }] of waiting.entries()) settle(outcomes[i]!)
    if (appended.length > 0) this.#done(appended)
  }

  /** Nobody waits for the indexes, so they catch up in transactions of their own when nothing else is to be done. */
  #indexLater(): void {
    if (this.#isIndexing || this.#unindexed < this.#indexBatch) return
    this.#isIndexing = true
    setImmediate(() => {
      this.#isIndexing = false
      // Closed or failed meanwhile: the next start goes on where this one stopped.
      if (this.#failure) return
      try {
        // Made anew from the events' rows, should a power cut take it away.
        this.#unsynced(() =>
          this.#transact(transaction => {
            indexEvents(transaction, Math.min(this.#unindexed, MAX_BATCH_EVENTS))
            return [undefined, true]
          }),
        )
      } catch {
        // A full disk: the events stay searchable one by one, and the next commit brings the index up again.
        return
      }
      this.#indexLater()
    })
  }

  /** Nobody waits for the log to be merged into the file, which syncs both. */
  #mergeLater(): void {
    if (this.#isMerging || this.#failure || !this.#files.isMergeDue()) return
    this.#isMerging = true
    setImmediate(() => {
      this.#isMerging = false
      if (this.#failure) return
      try {
        this.#files.merge()
      } catch (error) {
        // On a full disk the log stays, and is used on; it is tried again after some commits.
        this.faultOf(error)
      }
    })
  }

  /** Leaves the sync to the next transaction that is not run so, which syncs all that was written before it. */
  #unsynced<T>(transact: () => T): T {
    this.#sql.exec('PRAGMA synchronous = NORMAL')
    try {
      return transact()
    } finally {
      this.#sql.exec('PRAGMA synchronous = FULL')
    }
  }

  /** Runs `work` in a transaction and keeps what it did if it says so. `onlyAppends`: it does nothing else. */
  #transact<T>(work: (transaction: Transaction) => [result: T, isToBeKept: boolean], onlyAppends = false): T {
    this.check()
    const sql = this.#sql
    const assumed = onlyAppends ? this.#log.assumed : undefined
    let isRefilled = false
    try {
      this.#files.begin()
      sql.run('BEGIN IMMEDIATE')
      const read = () =>
        this.#log.read(sql, ({ indexedUpTo }) => {
          this.#files.doubt()
          this.memo.forgetAll()
          this.#tail.fill(sql, indexedUpTo)
          isRefilled = true
        })
      const log = assumed ?? read()
      this.#tail.begin()
      this.#clock.reach(log.at)
      const transaction = { sql, now: this.now(), tail: this.#tail, pieceRows: this.#pieceRows, appended: [], log }
      const [result, isToBeKept] = work(transaction)
      if (isToBeKept) {
        const kept = { ...transaction.log, at: transaction.now, aheadMs: this.#clock.aheadMs }
        writeLog(sql, kept, log)
        this.#commit()
        this.#files.requireSame()
        this.#log.keep(kept)
        this.#tail.keep(kept.indexedUpTo)
        this.#unindexed = transaction.log.newest - transaction.log.indexedUpTo
      } else {
        sql.run('ROLLBACK')
        if (isRefilled) this.#log.forget()
      }
      return result
    } catch (error) {
      this.memo.forgetAll()
      if (isRefilled || error instanceof StaleLog) this.#log.forget()
      const fault = this.#undone(error)
      // Now it is asked for, under a lock that keeps others from writing: it cannot be stale again.
      if (error instanceof StaleLog && assumed !== undefined) return this.#transact(work)
      throw fault
    }
  }

  /** A full disk is told before anything is synced. After any other failure here nobody knows what the disk holds. */
  #commit(): void {
    try {
      this.#sql.run('COMMIT')
    } catch (cause) {
      if (resultCode(cause) !== FULL) {
        this.fail(
          new BusError(
            'store_unavailable',
            say`a commit to ${this.#path} could not be synced: ${retold(String(cause))}`,
            {
              next: 'Look at the disk, then run `switchboard doctor`.',
              cause,
            },
          ),
        )
      }
      throw cause
    }
  }

  #undone(error: unknown): unknown {
    this.#sql.rollback()
    return this.faultOf(error)
  }

  /** An error as callers get it, with what follows from it for the store. To be called outside a transaction. */
  faultOf(error: unknown): unknown {
    const fault = storeError(error, this.#path)
    if (!isFatal(error) || !(fault instanceof BusError) || this.#failure) return fault
    this.fail(fault)
    try {
      const done = mend(this.#sql, error, this.#path, this.#machine.wall())
      if (done) this.#onIncident?.(done)
    } catch {
      // The next reading meets it again.
    }
    return fault
  }
}

function isChange(outcome: Outcome): boolean {
  return 'commit' in outcome && outcome.commit.ok && !outcome.commit.replayed
}
