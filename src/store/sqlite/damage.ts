import { brokenIn, unreadable } from './broken.ts'
import type { Value } from './driver.ts'
import { summedTables } from './row-sums.ts'
import type { Sql } from './sql.ts'

/** Rows that are read in one turn, and entries of tables of which nothing else is to be read. */
const PIECE = { rows: 25, entries: 500 }
/** SQLite's own check of a table cannot be done in pieces. So much takes it about 10 ms. */
const MAX_WHOLE = { rows: 2_000, bytes: 4 * 1024 * 1024 }

/**
 * What is damaged in a table: the sums of its rows, and for each row its entry in each index. Where the table is small,
 * SQLite's own check says more: entries too many, their order, the pages. Pauses between two pieces, so that
 * others have their turn; a piece sees what is committed then.
 */
export function* damageIn(sql: Sql, table: string, maxWholeRows = MAX_WHOLE.rows): Generator<void, string[]> {
  try {
    const isWhole = isSmall(sql, table, maxWholeRows)
    yield
    const broken = isWhole ? brokenIn(sql, table) : []
    yield
    return [...broken, ...(yield* walk(sql, table))]
  } catch (error) {
    return [unreadable(error, table)]
  }
}

/** A virtual table is as large as those that it is kept in. */
function isSmall(sql: Sql, table: string, maxRows: number): boolean {
  const parts = sql.all<{ name: string }>(
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'virtual' AND (name = ?1 OR type = 'shadow' AND name GLOB ?1 || '_*')`,
    table,
  )
  return parts.every(({ name }) => {
    const bytes = columnsOf(sql, name).map(column => `ifnull(octet_length(${column.name}), 0)`)
    const size = sql.one<{ rows: number; bytes: number }>(
      `SELECT count(*) AS rows, total(bytes) AS bytes FROM (SELECT ${bytes.join(' + ')} AS bytes FROM main.${name} LIMIT ${maxRows + 1})`,
    )!
    return size.rows <= maxRows && size.bytes <= MAX_WHOLE.bytes
  })
}

function columnsOf(sql: Sql, table: string): { name: string; pk: number }[] {
  return sql.all(`SELECT name, pk FROM pragma_table_info('${table}', 'main') ORDER BY pk`)
}

function* walk(sql: Sql, table: string): Generator<void, string[]> {
  const kind = sql.one<{ wr: number; type: string }>(
    "SELECT wr, type FROM pragma_table_list WHERE schema = 'main' AND name = ?",
    table,
  )
  if (kind === undefined || kind.type === 'virtual') return []
  const keys = kind.wr === 1 ? columnsOf(sql, table).filter(({ pk }) => pk > 0) : [{ name: 'rowid' }]
  const key = keys.map(({ name }) => `r.${name}`).join(', ')
  const checks = { ...sumCheck(sql, table), ...indexChecks(sql, table, keys) }
  const damaged = Object.keys(checks).map(() => 0)
  const isRead = damaged.length > 0
  const wanted = [
    ...keys.map(({ name }, n) => `r.${name} AS k${n}`),
    ...Object.values(checks).map((sound, n) => `${sound} AS c${n}`),
  ]
  const limit = isRead ? `LIMIT ${PIECE.rows}` : `LIMIT 1 OFFSET ${PIECE.entries - 1}`
  const [first, later] = ['', `WHERE (${key}) > (${keys.map(() => '?').join(', ')})`].map(
    where => `SELECT ${wanted.join(', ')} FROM main.${table} AS r ${where} ORDER BY ${key} ${limit}`,
  ) as [string, string]
  for (let after: Value[] | undefined; ; ) {
    const rows: Record<string, Value>[] = after === undefined ? sql.all(first) : sql.all(later, ...after)
    for (const row of rows) for (const n of damaged.keys()) damaged[n]! += row[`c${n}`] === 1 ? 0 : 1
    const last = rows.at(-1)
    if (last === undefined) break
    after = keys.map((_, n) => last[`k${n}`]!)
    yield
  }
  return Object.keys(checks).flatMap((what, n) => (damaged[n] === 0 ? [] : [`${damaged[n]} ${what}`]))
}

function sumCheck(sql: Sql, table: string): Record<string, string> {
  const summed = summedTables(sql).find(({ name }) => name === table)
  return summed
    ? { [`damaged in ${table}`]: `(SELECT r.sum IS sum_of(${summed.columns.map(column => `r.${column}`).join(', ')}))` }
    : {}
}

/** Whether the row is found by each index, where the index has such rows. */
function indexChecks(sql: Sql, table: string, keys: readonly { name: string }[]): Record<string, string> {
  const indexes = sql.all<{ name: string; sql: string | null }>(
    `SELECT i.name, s.sql FROM pragma_index_list('${table}', 'main') AS i JOIN main.sqlite_schema AS s ON s.name = i.name WHERE s.rootpage > 0`,
  )
  return Object.fromEntries(
    indexes.map(index => {
      const columns = sql.all<{ name: string }>(
        `SELECT name FROM pragma_index_info('${index.name}', 'main') WHERE name IS NOT NULL`,
      )
      const where = index.sql?.split(/\sWHERE\s/)[1]
      const isSame = [...columns, ...keys].map(({ name }) => `e.${name} IS r.${name}`)
      const isFound = `EXISTS (SELECT 1 FROM main.${table} AS e INDEXED BY ${index.name} WHERE ${[...isSame, ...(where ? [where] : [])].join(' AND ')})`
      return [
        `missing in ${index.name}, an index of ${table}`,
        where ? `((${where}) IS NOT TRUE OR ${isFound})` : isFound,
      ]
    }),
  )
}
