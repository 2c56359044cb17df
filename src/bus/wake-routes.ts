import { BusError } from './errors.ts'
import { quoted, retold, say } from './say.ts'

/** The ways to wake an idle session, the best first. */
export const WAKE_ROUTES = ['inbox socket', 'monitor', 'rewake', 'tmux keys'] as const
export type WakeRoute = (typeof WAKE_ROUTES)[number]

const NONE = 'none'

/**
 * The routes that `SWITCHBOARD_DOORBELL` permits: a list of names, `none` for no wakes, unset or empty for all. A typing
 * error is refused: it would leave the session without a wake, and nobody would see why.
 */
export function wakeRoutesOf(written: string | undefined): readonly WakeRoute[] {
  const wanted = (written ?? '')
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const unknown = wanted.find(each => each !== NONE && !WAKE_ROUTES.some(route => route === each))
  if (unknown !== undefined || (wanted.includes(NONE) && wanted.length > 1)) {
    const expected = retold(`"${WAKE_ROUTES.join('", "')}", or "${NONE}" alone`)
    throw new BusError(
      'invalid_input',
      say`SWITCHBOARD_DOORBELL: expected some of ${expected}, got ${quoted(unknown ?? wanted.join(', '))}`,
      { next: 'Name the routes that may wake a session, with commas between them, or unset it for all.' },
    )
  }
  return wanted.length === 0 ? WAKE_ROUTES : WAKE_ROUTES.filter(route => wanted.includes(route))
}
