import { CORRUPT, resultCode } from './errors.ts'
import type { Sql } from './sql.ts'

/** So many faults tell as much as all of them. */
const MAX_FAULTS = 20

/** All in the file, with those that a virtual one is kept in. */
export function tablesOf(sql: Sql): { name: string; type: 'table' | 'shadow' | 'virtual' }[] {
  return sql.all(
    `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT GLOB 'sqlite_*' ORDER BY name`,
  )
}

/** Where SQLite's own structures are damaged, or those of an index. May take seconds. */
export function brokenTables(sql: Sql): string[] {
  return tablesOf(sql).flatMap(({ name, type }) => (type !== 'virtual' && brokenIn(sql, name).length > 0 ? [name] : []))
}

/** What SQLite says of the table and of its indexes, empty where they are whole. */
export function brokenIn(sql: Sql, table: string): string[] {
  try {
    return sql
      .all<{ integrity_check: string }>(`PRAGMA main.integrity_check('${table}')`)
      .flatMap(row => row.integrity_check.split('\n'))
      .filter(line => line !== 'ok' && !line.startsWith('***'))
      .slice(0, MAX_FAULTS)
  } catch (error) {
    // It goes on where it has found something, and may meet a page that cannot be read.
    return [unreadable(error, table)]
  }
}

/** Passes any other error on. */
export function unreadable(error: unknown, table: string): string {
  if (resultCode(error) !== CORRUPT) throw error
  return `${table} or an index of it cannot be read`
}

/** Leaves a broken table empty, with empty indexes. */
export function makeAnew(sql: Sql, table: string): void {
  create(sql, `tbl_name = '${table}'`)
}

/** From the rows of the table. */
export function makeIndexesAnew(sql: Sql, table: string): void {
  create(sql, `tbl_name = '${table}' AND type = 'index'`)
}

/**
 * On other pages. To drop them SQLite reads each page, and where it cannot read one the transaction is lost: so they are
 * not dropped, but struck off the list, and stay in the file unused.
 */
function create(sql: Sql, which: string): void {
  const made = sql.all<{ sql: string }>(
    `SELECT sql FROM main.sqlite_schema WHERE ${which} AND sql IS NOT NULL ORDER BY type DESC, rowid`,
  )
  sql.changeSchema(`DELETE FROM main.sqlite_schema WHERE ${which}`)
  for (const each of made) sql.exec(each.sql)
}
