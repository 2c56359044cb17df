import { makeAnew } from './broken.ts'
import type { Sql } from './sql.ts'

/*
 * A disk may give back other bytes than were written to it, and SQLite notices that only where its own structures break:
 * `integrity_check` found 49 of 1,000 flipped bits. So each row bears a sum over all of its columns in the column `sum`.
 * Triggers write it, and look at the row of before when it is changed or removed, so that damage never gets a sum that
 * fits it. Readings go through a view (`Sql` puts it in the place of the table), which fails where row and sum disagree.
 * Views and triggers belong to the connection and not to the file, so other programs can read the file as ever.
 */

/** Tables without a column `sum`, and what stands for it. */
export const WITHOUT_SUMS: Readonly<Record<string, string>> = {
  events: 'their own sum, over id, time and body; the key has one, too',
  postings: 'made of events, and held against the event that it leads to',
  facets: 'made of events, and held against the event that it leads to',
  words: 'made of events, and held against the event that it leads to',
  damaged: 'not read by this program',
}

export interface SummedTable {
  readonly name: string
  /** In their order, without `sum`. */
  readonly columns: readonly string[]
  /** What a row is found by. */
  readonly key: readonly string[]
}

export function summedTables(sql: Sql): SummedTable[] {
  const tables = sql.all<{ name: string; wr: number }>(
    "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name",
  )
  return tables.flatMap(({ name, wr }) => {
    const all = sql.all<{ name: string; pk: number }>(`SELECT name, pk FROM pragma_table_info('${name}') ORDER BY cid`)
    if (!all.some(column => column.name === 'sum')) return []
    const key = all.filter(column => column.pk > 0).map(column => column.name)
    const columns = all.map(column => column.name).filter(column => column !== 'sum')
    return [{ name, columns, key: wr === 1 ? key : ['rowid'] }]
  })
}

/** Has all later readings and writings of this connection look at the sums. */
export function guardRows(sql: Sql): void {
  const tables = summedTables(sql)
  for (const table of tables) sql.exec(viewOf(table) + triggersOf(table))
  sql.readThroughViews(tables.map(({ name }) => name))
}

/**
 * In a subquery, because SQLite puts what a condition demands of a column in the place of that column in every other
 * condition, and the sum would be held against that.
 */
function viewOf({ name, columns }: SummedTable): string {
  const list = columns.join(', ')
  return `
    CREATE TEMP VIEW IF NOT EXISTS sound_${name} AS
      SELECT ${list} FROM main.${name} WHERE (SELECT is_sound('${name}', sum, ${list}));`
}

const TRIGGERS = ['inserted', 'updated', 'deleted'] as const

function triggersOf({ name, columns, key }: SummedTable): string {
  const of = (row: string) => columns.map(column => `${row}.${column}`).join(', ')
  const isRow = key.map(column => `${column} = NEW.${column}`).join(' AND ')
  return `
    CREATE TEMP TRIGGER IF NOT EXISTS ${name}_inserted AFTER INSERT ON main.${name} WHEN NEW.sum = 0 BEGIN
      UPDATE ${name} SET sum = sum_first('${name}', ${of('NEW')}) WHERE ${isRow};
    END;
    CREATE TEMP TRIGGER IF NOT EXISTS ${name}_updated AFTER UPDATE OF ${columns.join(', ')} ON main.${name} BEGIN
      UPDATE ${name} SET sum = sum_anew('${name}', OLD.sum, ${of('OLD')}, ${of('NEW')}) WHERE ${isRow};
    END;
    CREATE TEMP TRIGGER IF NOT EXISTS ${name}_deleted BEFORE DELETE ON main.${name} BEGIN
      SELECT is_sound('${name}', OLD.sum, ${of('OLD')});
    END;`
}

/** Gives every row the sum of what it holds now: after a change of the tables themselves. */
export function sumAnew(sql: Sql): void {
  for (const { name, columns } of summedTables(sql))
    sql.exec(`UPDATE main.${name} SET sum = sum_of(${columns.join(', ')})`)
}

/** Fails at the first row that is damaged. */
export function requireSound(sql: Sql): void {
  for (const { name, columns } of summedTables(sql))
    sql.exec(`SELECT count(is_sound('${name}', sum, ${columns.join(', ')})) FROM main.${name} NOT INDEXED`)
}

/**
 * Puts into the place of a table what is sound in it, with its indexes made anew, where a row or SQLite's structures are
 * damaged. Gives back the other rows.
 */
export function removeDamaged(sql: Sql, table: SummedTable, isBroken: boolean): unknown[] {
  const { name, columns } = table
  const list = columns.join(', ')
  const damaged = sql.all(`SELECT ${list} FROM main.${name} NOT INDEXED WHERE NOT (SELECT sum IS sum_of(${list}))`)
  if (damaged.length === 0 && !isBroken) return []
  for (const trigger of TRIGGERS) sql.exec(`DROP TRIGGER IF EXISTS temp.${name}_${trigger}`)
  sql.exec(
    `CREATE TEMP TABLE sound AS SELECT ${list}, sum FROM main.${name} NOT INDEXED WHERE (SELECT sum IS sum_of(${list}))`,
  )
  if (isBroken) makeAnew(sql, name)
  else sql.exec(`DELETE FROM main.${name}`)
  sql.exec(`
    INSERT OR IGNORE INTO main.${name} (${list}, sum) SELECT ${list}, sum FROM sound;
    DROP TABLE sound;${triggersOf(table)}`)
  return damaged
}
