import type { Command, Store } from '../../../src/bus/store.ts'
import { openDatabase } from '../../../src/store/sqlite/driver.ts'
import { Sql } from '../../../src/store/sqlite/sql.ts'
import type { Random } from '../../linearizability/random.ts'
import { anEvent, aSession } from '../bench.ts'

/** A column of a row, or of all rows of its table. */
export interface Place {
  readonly table: string
  readonly column: string
  /** Where it is one row: which, counted from the first. */
  readonly row?: number | undefined
}

/** As SQL writes them: whole values that no number holds exactly, and what a column of that type cannot hold. */
export const TOO_LARGE = ['9007199254740993', '9007199254740993000', '9223372036854775807', '-9223372036854775808']
const VALUES = [
  ...TOO_LARGE,
  '0',
  '1',
  '-1',
  '4294967296',
  '9007199254740991',
  '1.5',
  '9e999',
  'NULL',
  "''",
  "'{'",
].concat(["'null'", "'[]'", "'5'", "x''", "x'31'", "x'00ff'"])

export function randomValue(random: Random): string {
  return random.pick(VALUES)
}

/** All, but of tables that only SQLite's own words are kept in. */
export function placesOf(sql: Sql): Place[] {
  return sql.all<Place>(
    `SELECT t.name AS "table", c.name AS "column" FROM pragma_table_list AS t JOIN pragma_table_info(t.name, 'main') AS c
     WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT GLOB 'sqlite_*' ORDER BY t.name, c.cid`,
  )
}

/** Writes past all rules of the table, as a disk does. Says how many rows have got it. */
export function writeValue(path: string, { table, column, row }: Place, value: string): Promise<number> {
  return onFile(path, sql => {
    sql.exec('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON')
    const schema = sql.one<{ sql: string }>('SELECT sql FROM main.sqlite_schema WHERE name = ?', table)!.sql
    const setSchema = (text: string) =>
      sql.changeSchema(`UPDATE main.sqlite_schema SET sql = '${text.replaceAll("'", "''")}' WHERE name = '${table}'`)
    setSchema(schema.replaceAll(' NOT NULL', '').replace(') STRICT, ', ') ').replace(') STRICT', ')'))
    const keys = sql.all<{ name: string }>(
      `SELECT c.name FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
       WHERE t.schema = 'main' AND t.name = ? AND t.wr = 1 AND c.pk > 0`,
      table,
    )
    const key = keys.length === 0 ? 'rowid' : keys.map(({ name }) => name).join(', ')
    const where =
      row === undefined ? '' : ` WHERE (${key}) = (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 1 OFFSET ${row})`
    try {
      return sql.change(`UPDATE OR IGNORE ${table} SET ${column} = ${value}${where}`)
    } catch (error) {
      // What stands for the number of a row can be nothing else, also on the disk.
      if ((error as Error).message === 'datatype mismatch') return 0
      throw error
    } finally {
      setSchema(schema)
    }
  })
}

export async function onFile<T>(path: string, work: (sql: Sql) => T): Promise<T> {
  const sql = new Sql(await openDatabase(path), path)
  try {
    return work(sql)
  } finally {
    sql.close()
  }
}

const by = { by: 's0', byName: 's0' }

/** At least one of each kind that meets much of what is kept. */
const COMMANDS: readonly Command[] = [
  { kind: 'append', event: anEvent({ senderId: 's1', channels: ['all', 'session:s2'] }) },
  { kind: 'append', event: anEvent({ senderId: 's2', replyTo: 3 }) },
  { kind: 'createSession', session: aSession('new', { grantor: 'tok_0' }), maxLiving: 100 },
  { kind: 'updateSession', id: 's3', patch: { role: 'other' }, reofferUnproved: true },
  { kind: 'updateSession', id: 's11', patch: {}, revive: true },
  { kind: 'follow', sessionId: 's4', channels: ['all', 'session:s4', 'topic:new'], backfillMs: 60_000 },
  { kind: 'touch', ids: ['s5', 's6'] },
  { kind: 'offer', sessionId: 's2', limit: 10, route: 'inbox' },
  { kind: 'confirm', sessionId: 's2', proof: 'next call' },
  { kind: 'acknowledge', sessionId: 's7', upTo: 100, proof: 'ack' },
  { kind: 'acknowledge', sessionId: 's7', upTo: 5, proof: 'ack', rewind: true },
  { kind: 'continueTalk', sessionId: 's2', chain: { root: 1, hops: 1 } },
  { kind: 'beginTalk', sessionId: 's3' },
  { kind: 'beginTalks', root: 1 },
  { kind: 'putState', key: 'plan/1', value: 'new', mode: 'overwrite', share: { holder: 'tok_0', max: 1_000 }, ...by },
  { kind: 'putState', key: 'plan/0', value: ['new'], mode: 'overwrite', ...by },
  { kind: 'deleteState', key: 'plan/2', ...by },
  { kind: 'claim', area: 'r0', path: 'src/new.ts', sessionId: 's1', ttlMs: 3_600_000, maxGranted: 100 },
  { kind: 'renewClaims', sessionId: 's0' },
  { kind: 'release', area: 'r1', path: 'src/1.ts' },
  { kind: 'moveClaims', area: 'r1', to: 'r2', sessionId: 's1' },
  { kind: 'putToken', token: { id: 'tok_new', name: 'new', hash: 'hash new', scopes: ['read'] } },
  { kind: 'narrowToken', name: 'ci 2', scopes: [] },
  { kind: 'revokeToken', name: 'ci 0' },
  { kind: 'keep', name: 'secret', value: 'another' },
  { kind: 'endSession', id: 's8', reason: 'left' },
  { kind: 'takeOver', sessionId: 's1', endedId: 's8' },
  { kind: 'expire' },
  { kind: 'sweep', silentMs: 7_200_000 },
  { kind: 'prune', keepNewest: 60, forgetEndedMs: 0 },
]

/** Does what a hub does, and says what was refused because of the file. */
export async function commitAll(store: Store, path: string, random: Random): Promise<string[]> {
  const refused: string[] = []
  for (const command of shuffled(COMMANDS, random)) {
    try {
      await store.commit([command], { scope: 'x', key: JSON.stringify(command), fingerprint: 'f' })
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      if (!code?.startsWith('store_') || !message.includes(path)) throw new Error(command.kind, { cause: error })
      refused.push(`${command.kind}: ${message}`)
    }
  }
  return refused
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list]
  return list.map(() => left.splice(random.below(left.length), 1)[0]!)
}
