import type { MachineClock } from '../../src/bus/store-clock.ts'

/** A machine on which time passes when the test says so. */
export class TestMachine implements MachineClock {
  /** Moves all of its clocks on. */
  ms: number
  /** How far somebody has set the date forward. */
  setForwardMs = 0
  /** How long it has slept, of the time that has passed. */
  sleptMs = 0

  constructor(ms: number) {
    this.ms = ms
  }

  wall(): number {
    return Math.floor(this.ms + this.setForwardMs)
  }

  steady(): number {
    return this.ms - this.sleptMs
  }

  uptime(): number {
    return this.ms
  }

  sleep(ms: number): void {
    this.ms += ms
    this.sleptMs += ms
  }
}
