import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** One acknowledged message: the bus said that it is event `id`. */
export interface Entry {
  readonly publisher: string
  readonly n: number
  readonly id: number
}

/** What a publisher was promised, kept outside of the hub's home. Each line is written before the next publish. */
export function openLedger(path: string): { acknowledged(entry: Entry): void; close(): void } {
  const file = openSync(path, 'a', 0o600)
  return {
    // The kernel has it when this returns: no kill of any process takes it back.
    acknowledged: entry => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  }
}

export function readLedger(path: string): Entry[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as Entry)
}

/** What message `n` of a publisher says: unlike any other, so that it can be told from a repeat of itself. */
export function textOf({ publisher, n }: { publisher: string; n: number }): string {
  return `${publisher}-${n}`
}

export interface LoggedEvent {
  readonly id: number
  readonly text: string
}

export interface Audit {
  readonly acknowledged: number
  /** Acknowledged, but not in the log under that id and with that text. */
  readonly lost: Entry[]
  /** Ids that two events bear, or that were promised to two messages. */
  readonly duplicateIds: number[]
  /** Messages that stand in the log more than once. */
  readonly repeated: string[]
  /** Messages with an id below that of the one that the same publisher sent before. */
  readonly outOfOrder: Entry[]
}

/** Holds the log against what was promised. `log`: the publishers' events, in the log's order. */
export function audit(ledger: readonly Entry[], log: readonly LoggedEvent[]): Audit {
  const byId = new Map(log.map(event => [event.id, event]))
  const last = new Map<string, Entry>()
  const outOfOrder: Entry[] = []
  for (const entry of [...ledger].sort((a, b) => a.n - b.n)) {
    if (entry.id <= (last.get(entry.publisher)?.id ?? 0)) outOfOrder.push(entry)
    last.set(entry.publisher, entry)
  }
  return {
    acknowledged: ledger.length,
    lost: ledger.filter(entry => byId.get(entry.id)?.text !== textOf(entry)),
    duplicateIds: [...repeats(log.map(event => event.id)), ...repeats(ledger.map(entry => entry.id))],
    repeated: repeats(log.map(event => event.text)),
    outOfOrder,
  }
}

function repeats<T>(list: readonly T[]): T[] {
  const seen = new Set<T>()
  return list.filter(each => seen.size === seen.add(each).size)
}
