import { type Fixed, type Said, say } from './say.ts'

/** `1 claim`, `2 claims`. */
export function counted<const T extends string>(count: number, noun: Fixed<T>): Said {
  return say`${count} ${say(noun)}${say(count === 1 ? '' : 's')}`
}
