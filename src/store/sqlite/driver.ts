import { BusError } from '../../bus/errors.ts'
import { retold, say } from '../../bus/say.ts'

/**
 * The one place that knows which SQLite runs below. `node:sqlite` needs no install and starts in 1–4 ms; Node 20 has
 * none, and early 22s bring an old library, so there the same API comes from `@photostructure/sqlite` (5–7 ms), which the
 * build puts into the program with its binaries.
 */
export type Value = string | number | null
/** What a column may hold; whole values as `bigint`, because a damaged one may be larger than any exact number. */
export type Held = string | number | bigint | Uint8Array | null

export interface Statement {
  run(...values: Value[]): { changes: number | bigint }
  get(...values: Value[]): unknown
  all(...values: Value[]): unknown[]
  setReadBigInts(isOn: boolean): void
}

export interface Database {
  exec(sql: string): void
  function(
    name: string,
    options: { varargs: true; useBigIntArguments: true },
    work: (...values: Held[]) => number,
  ): void
  enableDefensive?(isOn: boolean): void
  prepare(sql: string): Statement
  close(): void
}

interface Driver {
  readonly open: new (path: string) => Database
  readonly version: string
}

/** Before it, a checkpoint that meets a writer on another connection can corrupt the file ("WAL-reset bug"). */
const MIN_VERSION = '3.51.3'

export async function openDatabase(path: string): Promise<Database> {
  const own = nodeDriver()
  const driver = own && isRecent(own.version) ? own : await packagedDriver()
  if (!isRecent(driver.version)) {
    throw new BusError('store_unavailable', say`expected SQLite ${MIN_VERSION} or newer, got ${driver.version}`, {
      next: 'Update Node, or install the newest version of this program.',
    })
  }
  return new driver.open(path)
}

function nodeDriver(): Driver | undefined {
  const emit = process.emitWarning
  // Node 22 warns on loading it; all other warnings pass.
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) {
      Reflect.apply(emit, process, [warning, ...rest])
    }
  }) as typeof process.emitWarning
  try {
    return driverOf(process.getBuiltinModule('node:sqlite'))
  } finally {
    process.emitWarning = emit
  }
}

async function packagedDriver(): Promise<Driver> {
  try {
    const driver = driverOf(await import('@photostructure/sqlite'))
    if (driver) return driver
  } catch (cause) {
    throw new BusError('store_unavailable', say`@photostructure/sqlite cannot be loaded: ${retold(String(cause))}`, {
      next: 'Use Node 22.23 or newer, which has SQLite built in.',
      cause,
    })
  }
  throw new BusError('store_unavailable', '@photostructure/sqlite has no database class')
}

/** Node is renaming `DatabaseSync` to `Database`. */
function driverOf(module: unknown): Driver | undefined {
  const { Database, DatabaseSync } = (module ?? {}) as Record<string, Driver['open'] | undefined>
  const open = Database ?? DatabaseSync
  if (open === undefined) return undefined
  const probe = new open(':memory:')
  const { version } = probe.prepare('SELECT sqlite_version() AS version').get() as { version: string }
  probe.close()
  return { open, version }
}

export function isRecent(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const [minMajor = 0, minMinor = 0, minPatch = 0] = MIN_VERSION.split('.').map(Number)
  return (major - minMajor || minor - minMinor || patch - minPatch) >= 0
}
