import { join } from 'node:path'
import type { HomePaths } from '../../home/paths.ts'
import { readPrivate, writePrivate } from '../../home/private-files.ts'

/** What has been seen of each client version's doors: `{"2.1.329": {"inbox socket": {"degraded": "<time>"}}}`. */
type Kept = Record<string, Record<string, { works?: string; degraded?: string }>>

/** A bell may go unheard for other reasons than its client's version, so it gets another try. */
const FORGIVEN_MS = 24 * 3600_000

/** Which routes work with this client, kept across sessions: a version that hears nothing is not rung in vain again. */
export interface RouteMemory {
  isDegraded(route: string): boolean
  degrade(route: string): void
  proved(route: string): void
}

export async function routeMemory(
  paths: HomePaths,
  clientVersion: string,
  log: (message: string) => void,
): Promise<RouteMemory> {
  const path = join(paths.state, 'doorbell.json')
  const seen = { ...kept(path)[clientVersion] }
  let writing: Promise<void> = Promise.resolve()

  function note(route: string, what: { works?: string; degraded?: string }): void {
    seen[route] = what
    writing = writing
      .then(async () => {
        // Other sessions write here too; each changes what it has seen itself.
        const all = kept(path)
        const mine = { ...all, [clientVersion]: { ...all[clientVersion], [route]: what } }
        await writePrivate(path, `${JSON.stringify(mine, null, 2)}\n`)
      })
      .catch(error => log(`${path}: ${error}`))
  }
  const now = () => new Date().toISOString()
  return {
    isDegraded(route) {
      const ageMs = Date.now() - Date.parse(seen[route]?.degraded ?? '')
      // Of the future where the date was wrong then: nobody knows how long ago that was.
      return ageMs >= 0 && ageMs < FORGIVEN_MS
    },
    degrade: route => note(route, { degraded: now() }),
    proved(route) {
      if (seen[route]?.works === undefined) note(route, { works: now() })
    },
  }
}

function kept(path: string): Kept {
  try {
    return JSON.parse(readPrivate(path) ?? '{}') as Kept
  } catch {
    return {}
  }
}
