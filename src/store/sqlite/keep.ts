import type { Commands } from '../../bus/store.ts'
import type { Sql } from './sql.ts'
import type { Transaction } from './transaction.ts'

export function keep({ sql }: Transaction, { name, value }: Commands['keep']['needs']): { value: string } {
  sql.run('INSERT OR IGNORE INTO kept (name, value) VALUES (?, ?)', name, JSON.stringify(value))
  return { value: kept(sql, name)! }
}

export function kept(sql: Sql, name: string): string | undefined {
  const row = sql.one<{ value: string }>('SELECT value FROM kept WHERE name = ?', name)
  return row && JSON.parse(row.value)
}
