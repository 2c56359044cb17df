import { uptime } from 'node:os'
import type { MachineClock } from '../bus/store-clock.ts'

export const machineClock: MachineClock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  // On Linux and Windows of the system's clock that counts sleep; on macOS since a boot that moves with the wall clock.
  uptime: () => uptime() * 1000,
}
