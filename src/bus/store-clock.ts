/** What a machine tells of the time, in milliseconds. */
export interface MachineClock {
  /** What people read and set: it may jump either way at any moment. */
  wall(): number
  /** Never jumps; may stand still while the machine sleeps. */
  steady(): number
  /** Never jumps and counts sleep; may be coarse, and dearer to ask than the others. */
  uptime(): number
}

/** Where a store's clock stood when the store was last written. */
export interface ClockReading {
  /** The latest time that the store has given; 0 where it has given none. */
  readonly latest: number
  /** How far it was ahead of its machine's wall clock. */
  readonly aheadMs: number
}

/** A term may take a tenth longer or shorter while the store's clock and the wall clock come together. */
const SLEW = 0.1
/** A wall clock that is further ahead has jumped. */
const MAX_SLEWED_MS = 60_000
/** One that has jumped is followed when it has stood there for so long, and again after as long. */
const SETTLE_MS = 10 * 60_000
/** Half of the silence that ends a session: one that shows signs of life is not taken for gone. */
const MAX_STEP_MS = 12 * 3600_000
/** A hub may have been stopped for a month. */
const MAX_STOPPED_MS = 31 * 24 * 3600_000

/**
 * The store's clock never runs backwards and never stands still: it is the latest time plus the steady clock's progress.
 * The wall clock only draws it: by a tenth of that progress where the two are less than a minute apart or the store is
 * ahead, by bounded steps where the wall clock jumped ahead and stays there. So a claim lasts as long as it was taken for,
 * whatever is done to the date, and a wrong date that is put right soon leaves no trace. See ADR 17.
 */
export class StoreClock {
  readonly #machine: MachineClock
  readonly #begun: { readonly steady: number; readonly uptime: number }
  #time: number
  #steadyAt: number
  #sleptMs = 0
  #jumpedAt: number | undefined

  constructor(machine: MachineClock, { latest, aheadMs }: ClockReading = { latest: 0, aheadMs: 0 }) {
    this.#machine = machine
    this.#steadyAt = machine.steady()
    this.#begun = { steady: this.#steadyAt, uptime: machine.uptime() }
    const wall = machine.wall()
    // Nothing but the wall clock knows how long the store was closed. Once it has passed the store, what the store was
    // ahead says nothing any more.
    const ahead = wall < latest ? aheadMs : Math.min(0, aheadMs)
    this.#time = latest === 0 ? wall : between(latest, wall + ahead, latest + MAX_STOPPED_MS)
  }

  /** Whole milliseconds. */
  now(): number {
    const steady = this.#machine.steady()
    const wall = this.#machine.wall()
    let passed = Math.max(0, steady - this.#steadyAt)
    this.#steadyAt = steady
    if (wall - (this.#time + passed) > MAX_SLEWED_MS) passed += this.#newlySlept(steady)
    const behind = wall - (this.#time + passed)
    const hasJumped = behind > MAX_SLEWED_MS
    if (!hasJumped) this.#jumpedAt = undefined
    const drawn = hasJumped ? this.#stepOf(behind, steady) : between(-SLEW * passed, behind, SLEW * passed)
    this.#time += passed + drawn
    return Math.floor(this.#time)
  }

  /** Another connection has written to the store, and its clock was further. */
  reach(time: number): void {
    this.#time = Math.max(this.#time, time)
  }

  /** How far it is ahead of the wall clock; negative where it is behind. */
  get aheadMs(): number {
    return this.now() - this.#machine.wall()
  }

  #newlySlept(steady: number): number {
    const slept = this.#machine.uptime() - this.#begun.uptime - (steady - this.#begun.steady)
    const more = Math.max(0, slept - this.#sleptMs)
    this.#sleptMs += more
    return more
  }

  #stepOf(behind: number, steady: number): number {
    this.#jumpedAt ??= steady
    if (steady - this.#jumpedAt < SETTLE_MS) return 0
    this.#jumpedAt = steady
    return Math.min(behind, MAX_STEP_MS)
  }
}

function between(min: number, value: number, max: number): number {
  return Math.min(Math.max(min, value), max)
}
