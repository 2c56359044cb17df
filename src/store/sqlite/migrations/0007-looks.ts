import { skeletonOf } from '../../../bus/skeleton.ts'
import type { Sql } from '../sql.ts'

/**
 * What a name looks like becomes a column, so that no two sessions are there under names that can be mistaken for each
 * other. Only a program can tell what that is. Sessions of before keep their names, also where they look alike.
 */
export function looks(sql: Sql): void {
  sql.exec(`ALTER TABLE sessions ADD COLUMN look TEXT NOT NULL DEFAULT ''`)
  for (const { num, name } of sql.all<{ num: number; name: string }>('SELECT num, name FROM sessions')) {
    sql.run('UPDATE sessions SET look = ? WHERE num = ?', skeletonOf(name), num)
  }
  sql.exec('CREATE INDEX sessions_by_living_look ON sessions (look) WHERE gone = 0')
  sql.exec('DROP INDEX sessions_by_living_name')
}
