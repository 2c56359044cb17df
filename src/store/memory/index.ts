import type { Store } from '../../bus/store.ts'
import { MemoryStore } from './memory-store.ts'

export function createMemoryStore(options: { now?: () => number } = {}): Store {
  return new MemoryStore(options)
}
