import { BusError } from './errors.ts'
import { readNameList } from './name-list.ts'
import { quoted, retold, say } from './say.ts'

/** The ways to wake an idle session, the best first. */
export const WAKE_ROUTES = ['inbox socket', 'monitor', 'rewake', 'tmux keys'] as const
export type WakeRoute = (typeof WAKE_ROUTES)[number]

const NONE = 'none'
const NEXT = say('Name the routes that may wake a session, with commas between them, or unset it for all.')

/** The routes that `SWITCHBOARD_DOORBELL` permits: a list of names, `none` alone for no wakes, unset or empty for all. */
export function wakeRoutesOf(written: string | undefined): readonly WakeRoute[] {
  const expected = retold(`"${WAKE_ROUTES.join('", "')}", or "${NONE}" alone`)
  const known = [...WAKE_ROUTES, NONE] as const
  const wanted = readNameList('SWITCHBOARD_DOORBELL', written, { known, expected, next: NEXT })
  if (wanted === undefined) return WAKE_ROUTES
  if (wanted.includes(NONE) && wanted.length > 1) {
    const got = quoted(wanted.join(', '))
    throw new BusError('invalid_input', say`SWITCHBOARD_DOORBELL: expected some of ${expected}, got ${got}`, {
      next: NEXT,
    })
  }
  return WAKE_ROUTES.filter(route => wanted.includes(route))
}
