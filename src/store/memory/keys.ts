import type { Command, IdempotencyKey } from '../../bus/store.ts'
import { byText, joined, type RememberedKey, type Tables } from './tables.ts'

export function rememberKey(
  tables: Tables,
  at: number,
  key: IdempotencyKey,
  commands: readonly Command[],
  results: readonly unknown[],
): void {
  const { scope, fingerprint, share } = key
  const isOneEvent = commands.length === 1 && commands[0]?.kind === 'append'
  const holder = isOneEvent ? undefined : share?.holder
  const text = JSON.stringify(results)
  tables.keys.set(joined(scope, key.key), { fingerprint, at, results: text, holder })
  if (share && !isOneEvent) makeRoom(tables, share.holder, share.max)
}

/** The holder's oldest. */
function makeRoom(tables: Tables, holder: string, max: number): void {
  const own = [...tables.keys].filter(([, each]) => each.holder === holder)
  let bytes = own.reduce((total, [, each]) => total + bytesOf(each), 0)
  for (const [name, each] of own.sort(([a, one], [b, other]) => one.at - other.at || byName(a, b))) {
    if (bytes <= max) return
    bytes -= bytesOf(each)
    tables.keys.delete(name)
  }
}

function bytesOf({ results }: RememberedKey): number {
  return Buffer.byteLength(results)
}

function byName(a: string, b: string): number {
  const [one, other] = [JSON.parse(a) as string[], JSON.parse(b) as string[]]
  return byText(one[0]!, other[0]!) || byText(one[1]!, other[1]!)
}
