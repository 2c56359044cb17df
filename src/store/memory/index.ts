import type { Store } from '../../bus/store.ts'
import type { MachineClock } from '../../bus/store-clock.ts'
import { machineClock } from '../machine-clock.ts'
import { MemoryStore } from './memory-store.ts'

export function createMemoryStore({ clock = machineClock }: { clock?: MachineClock } = {}): Store {
  return new MemoryStore(clock)
}
