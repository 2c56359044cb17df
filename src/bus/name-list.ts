import { BusError } from './errors.ts'
import { quoted, type Said, say } from './say.ts'

/**
 * The names that a variable lists, with commas between them; undefined where it is unset or empty. A name that there is not,
 * or a list that holds none, is refused: it would switch off too much or nothing, and nobody would see why.
 */
export function readNameList<Name extends string>(
  variable: string,
  written: string | undefined,
  { known, expected, next }: { known: readonly Name[]; expected: Said; next: Said },
): readonly Name[] | undefined {
  if (written === undefined || written === '') return undefined
  const names = written
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const isKnown = (name: string): name is Name => known.some(each => each === name)
  if (names.length > 0 && names.every(isKnown)) return names
  const wrong = names.find(each => !isKnown(each)) ?? written
  throw new BusError('invalid_input', say`${variable}: expected some of ${expected}, got ${quoted(wrong)}`, { next })
}
