import type { WakeRoute } from '../../bus/wake-routes.ts'

/**
 * What is known of a wake after it was sent. `sent`: written whole, which proves no turn; only a prompt does. `unknown`:
 * the client may have it all the same. `failed`: the client cannot have it.
 */
export type Outcome = { readonly is: 'sent' } | { readonly is: 'unknown' | 'failed'; readonly why: string }

/** A way to wake an idle session: it carries one fixed line and no message. */
export interface Route {
  readonly name: WakeRoute
  /** Whether this session has it, also where it cannot ring in this moment. */
  exists(): boolean
  /** Whether it can ring now. */
  isHere(): boolean
  /** How long until it may ring, in ms; 0: now. */
  restMs(): number
  /** Where it rejects, the outcome is unknown. */
  ring(line: string): Promise<Outcome>
}

/**
 * The routes that a wake may take now, in this order; the next one only after one that failed.
 *
 * `open` is the route of a wake whose outcome is not known yet: until it is answered, nothing goes another way. The client
 * records keys as the person's own words, so they are typed only where the session has no other route.
 */
export function routesOfWake(
  routes: readonly Route[],
  { open, isDegraded }: { open: WakeRoute | undefined; isDegraded: (route: WakeRoute) => boolean },
): readonly Route[] {
  const others = routes.filter(route => route.name !== 'tmux keys')
  const fit = others.some(route => route.exists()) ? others : routes
  const here = fit.filter(route => route.isHere())
  if (open !== undefined) return here.filter(route => route.name === open)
  const trusted = here.filter(route => !isDegraded(route.name))
  // Better a route that was not heard lately than none.
  return trusted.length > 0 ? trusted : here
}
