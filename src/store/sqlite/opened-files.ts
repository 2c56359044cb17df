import { closeSync, openSync } from 'node:fs'
import { type KnownFile, knownFile, statsOf, whyGone } from '../../home/known-file.ts'
import { ReplacedFile } from './errors.ts'
import { LogGeneration, layOpenAside, logOf } from './log-generation.ts'
import type { Sql } from './sql.ts'

/** A look at the disk takes 3 µs: two of them go with each commit, and with a read now and then. */
const READS_LOOK_EVERY_MS = 50

/**
 * The file and its log as this connection has opened them. SQLite goes on writing into files that were moved away, deleted
 * or copied over; what it acknowledged then would be read by nobody again, or come out mixed with what was put there.
 *
 * Of the file itself not only the identity counts: `cp` keeps it. Commits change the log alone, so where the file was
 * changed, it must still be one that the log goes with (`log-generation.ts`). Only a store that is alone can tell: what
 * other connections merge may change the file before it has the new name of the log.
 */
export class OpenedFiles {
  readonly #sql: Sql
  readonly #generation: LogGeneration
  /** Held until the end: closing it drops the locks that SQLite holds on the file. */
  readonly #fd: number
  readonly #log: KnownFile
  readonly #isAlone: boolean
  #file: KnownFile
  #version: number
  #lookedAt = 0
  #isForeign = false

  constructor(sql: Sql, path: string, isAlone: boolean) {
    this.#sql = sql
    this.#isAlone = isAlone
    this.#fd = openSync(path, 'r')
    this.#generation = new LogGeneration(sql, path, this.#fd)
    this.#version = this.#dataVersion
    this.#file = knownFile(path)
    this.#log = knownFile(logOf(path))
  }

  /** To be called before a transaction. */
  begin(): void {
    if (!this.#generation.isNamed) this.#merging(() => this.#generation.begin())
  }

  /**
   * To be called after a commit, before anybody is told of it, and before what relies on the file. Throws where it is not
   * the one that was opened, or its log is not.
   */
  requireSame(): void {
    this.#lookedAt = performance.now()
    const now = statsOf(this.#file.path)
    for (const [file, stats] of [
      [this.#file, now],
      [this.#log, statsOf(this.#log.path)],
    ] as const) {
      const why = whyGone(file, stats)
      if (why !== undefined) throw new ReplacedFile(file.path, why)
    }
    if (now?.mtimeNs === this.#file.stats?.mtimeNs && now?.size === this.#file.stats?.size) return
    // SQLite's own tools may merge, too.
    this.#isForeign = this.#isAlone && !this.#generation.isNamedRight() && this.#dataVersion === this.#version
    if (this.#isForeign) throw new ReplacedFile(this.#file.path, 'overwritten')
    this.#know()
  }

  /** The same before a read. */
  requireSameByNow(): void {
    if (performance.now() - this.#lookedAt >= READS_LOOK_EVERY_MS) this.requireSame()
  }

  /** Another connection has written to the file, or has closed it. */
  doubt(): void {
    this.#generation.isNamed = false
  }

  /** To be called after each commit: whether it is time to merge the log into the file. */
  isMergeDue(): boolean {
    return this.#generation.isDue()
  }

  merge(): void {
    this.#merging(() => this.#generation.merge())
  }

  /**
   * To be called before the connection is closed, which merges the log into the file. Into one that somebody else has
   * written over it must not: the log is laid aside instead.
   */
  end(): void {
    try {
      this.#merging(() => this.#generation.end())
    } catch (error) {
      if (this.#isForeign) layOpenAside(this.#file.path)
      // Merged into the file that was opened, wherever it is now.
      else if (error instanceof ReplacedFile) this.#generation.end()
      else throw error
    }
  }

  /** To be called when the connection is closed. */
  close(): void {
    closeSync(this.#fd)
  }

  #merging(work: () => void): void {
    this.requireSame()
    try {
      work()
    } finally {
      // Also what a full disk has cut short.
      this.#know()
    }
  }

  #know(): void {
    const stats = statsOf(this.#file.path)
    if (whyGone(this.#file, stats) === undefined) this.#file = { ...this.#file, stats }
    this.#version = this.#dataVersion
  }

  /** SQLite counts the commits of other connections. */
  get #dataVersion(): number {
    return this.#sql.one<{ data_version: number }>('PRAGMA data_version')!.data_version
  }
}
