import type { Store } from '../../src/bus/store.ts'

/** A store with a hand in it that acts before its nth access from now on, reads and commits alike. */
export function endingStore(inner: Store) {
  let left = 0
  let act: (() => Promise<void>) | undefined
  const store = new Proxy(inner, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (name.toString().startsWith('on') || name === 'close') return member.bind(target)
      return async (...args: unknown[]) => {
        if (act !== undefined && --left === 0) {
          const acting = act
          act = undefined
          await acting()
        }
        return Reflect.apply(member, target, args)
      }
    },
  })
  return {
    store,
    before(nth: number, what: () => Promise<void>): void {
      left = nth
      act = what
    },
    /** Whether it is still to act. */
    get isWaiting() {
      return act !== undefined
    },
    rest(): void {
      act = undefined
    },
  }
}
