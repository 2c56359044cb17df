import type { Sql } from '../sql.ts'
import initial from './0001-initial.sql'
import facets from './0002-facets.sql'
import tail from './0003-tail.sql'
import wordPages from './0004-word-pages.sql'
import clock from './0005-clock.sql'
import talk from './0006-talk.sql'
import { looks } from './0007-looks.ts'
import grantors from './0008-grantors.sql'
import incidents from './0009-incidents.sql'
import lists from './0010-lists.sql'
import shares from './0011-shares.sql'
import upkeep from './0012-upkeep.sql'
import { sums } from './0013-sums.ts'
import behind from './0014-behind.sql'
import urgent from './0015-urgent.sql'
import taken from './0016-taken.sql'

/** Every step from an empty file to the present schema, in order. A step that was published is never changed. */
export const migrations: readonly Migration[] = [
  initial,
  facets,
  tail,
  wordPages,
  clock,
  talk,
  looks,
  grantors,
  incidents,
  lists,
  shares,
  upkeep,
  sums,
  behind,
  urgent,
  taken,
]

/** SQL, or what only a program can do. */
export type Migration = string | ((sql: Sql) => void)
