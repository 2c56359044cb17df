import { join } from 'node:path'
import type { HomePaths } from '../../../../home/paths.ts'
import { readPrivate } from '../../../../home/private-files.ts'
import { type Check, ok, warn } from './check.ts'

/** What sessions have seen of the ways to wake them, by version of their client; see src/session/doorbell/memory.ts. */
type Kept = Readonly<Record<string, Readonly<Record<string, { works?: string; degraded?: string }>>>>

export function doorbell(paths: HomePaths): Check[] {
  return Object.entries(kept(paths)).map(([version, routes]) => {
    const found = Object.entries(routes).map(([route, { works, degraded }]) =>
      degraded === undefined ? `${route} works (${works ?? 'untried'})` : `${route} rang in vain (${degraded})`,
    )
    const line = `client ${version}: ${found.join(', ')}`
    const isHeard = Object.values(routes).some(route => route.degraded === undefined)
    return isHeard
      ? ok('doorbell', line)
      : warn('doorbell', line, '`claude plugin install switchboard-monitor@switchboard` gives sessions another bell.')
  })
}

function kept(paths: HomePaths): Kept {
  try {
    return JSON.parse(readPrivate(join(paths.state, 'doorbell.json')) ?? '{}') as Kept
  } catch {
    return {}
  }
}
