import type { Commands } from '../../bus/store.ts'
import type { Transaction } from './transaction.ts'

export function keep({ sql }: Transaction, { name, value }: Commands['keep']['needs']): { value: string } {
  sql.run('INSERT OR IGNORE INTO kept (name, value) VALUES (?, ?)', name, JSON.stringify(value))
  const row = sql.one<{ value: string }>('SELECT value FROM kept WHERE name = ?', name)!
  return { value: JSON.parse(row.value) }
}
