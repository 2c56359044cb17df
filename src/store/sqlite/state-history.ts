import { LIMITS } from '../../bus/limits.ts'
import type { Share } from '../../bus/share.ts'
import { charge } from './shares.ts'
import type { Sql } from './sql.ts'
import { Refusal } from './transaction.ts'

interface Version {
  readonly num: number
  readonly key: string
  readonly version: number
  readonly holder: string | null
  readonly bytes: number
}

const COLUMNS = 'num, key, version, holder, bytes'

/** Notes the size of a version that was just written, and forgets of those before it what there is no room for. */
export function noteVersion(sql: Sql, key: string, version: number, bytes: number, share: Share | undefined): void {
  sql.run('UPDATE state_sizes SET past = 1 WHERE key = ? AND version = ?', key, version - 1)
  sql.run(
    'INSERT INTO state_sizes (key, version, holder, bytes, past) VALUES (?, ?, ?, ?, 0)',
    key,
    version,
    share?.holder ?? null,
    bytes,
  )
  if (share) makeRoom(sql, share, charge(sql, 'state_bytes', share.holder, bytes))
  shorten(sql, key)
}

/** The holder's oldest versions that are not in force any more. */
function makeRoom(sql: Sql, { holder, max }: Share, held: number): void {
  for (let bytes = held; bytes > max; ) {
    const oldest = sql.one<Version>(
      `SELECT ${COLUMNS} FROM state_sizes WHERE holder = ? AND past = 1 AND holder IS NOT NULL ORDER BY num LIMIT 1`,
      holder,
    )
    if (oldest === undefined) throw new Refusal({ code: 'limit_reached', what: 'stateBytes', limit: max })
    forget(sql, oldest)
    bytes -= oldest.bytes
  }
}

function shorten(sql: Sql, key: string): void {
  const sizes = sql.one<{ versions: number; bytes: number }>(
    'SELECT count(*) AS versions, sum(bytes) AS bytes FROM state_sizes WHERE key = ?',
    key,
  )!
  let { versions, bytes } = sizes
  while (versions > 1 && (versions > LIMITS.historyVersions || bytes > LIMITS.historyBytes)) {
    const oldest = sql.one<Version>(`SELECT ${COLUMNS} FROM state_sizes WHERE key = ? ORDER BY version LIMIT 1`, key)!
    forget(sql, oldest)
    versions--
    bytes -= oldest.bytes
  }
}

function forget(sql: Sql, { num, key, version, holder, bytes }: Version): void {
  sql.run('DELETE FROM state WHERE key = ? AND version = ?', key, version)
  sql.run('DELETE FROM state_sizes WHERE num = ?', num)
  if (holder !== null) charge(sql, 'state_bytes', holder, -bytes)
}
