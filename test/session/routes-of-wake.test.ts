import { expect, it } from 'vitest'
import { WAKE_ROUTES, type WakeRoute } from '../../src/bus/wake-routes.ts'
import { type Route, routesOfWake } from '../../src/session/doorbell/routes.ts'

/** `absent`: the session has no such route; `used`: it has, and cannot ring in this moment. */
const STATES = ['absent', 'used', 'here', 'degraded'] as const
type State = (typeof STATES)[number]

function* sessions(): Generator<Readonly<Record<WakeRoute, State>>> {
  for (let n = 0; n < STATES.length ** WAKE_ROUTES.length; n++) {
    yield Object.fromEntries(
      WAKE_ROUTES.map((name, i) => [name, STATES[Math.floor(n / STATES.length ** i) % STATES.length]!]),
    ) as Record<WakeRoute, State>
  }
}

function wakeOf(session: Readonly<Record<WakeRoute, State>>, open?: WakeRoute): WakeRoute[] {
  const routes = WAKE_ROUTES.map(
    (name): Route => ({
      name,
      exists: () => session[name] !== 'absent',
      isHere: () => session[name] === 'here' || session[name] === 'degraded',
      restMs: () => 0,
      ring: () => Promise.reject(new Error('nobody rings here')),
    }),
  )
  return routesOfWake(routes, { open, isDegraded: name => session[name] === 'degraded' }).map(({ name }) => name)
}

it('types keys only into sessions that have no other route', () => {
  for (const session of sessions()) {
    const hasOther = WAKE_ROUTES.some(name => name !== 'tmux keys' && session[name] !== 'absent')
    for (const open of [undefined, ...WAKE_ROUTES]) {
      if (hasOther)
        expect({ session, open, wake: wakeOf(session, open) }).toMatchObject({
          wake: expect.not.arrayContaining(['tmux keys']),
        })
    }
    if (!hasOther && session['tmux keys'] !== 'absent' && session['tmux keys'] !== 'used') {
      expect(wakeOf(session)).toEqual(['tmux keys'])
    }
  }
})

it('lets no other route follow one whose outcome is not known', () => {
  for (const session of sessions()) {
    for (const open of WAKE_ROUTES) expect(wakeOf(session, open).filter(name => name !== open)).toEqual([])
  }
})

it('takes routes that rang in vain only where no other rings, and the best first', () => {
  for (const session of sessions()) {
    const wake = wakeOf(session)
    const states = new Set(wake.map(name => session[name]))
    expect([[], ['here'], ['degraded']]).toContainEqual([...states])
    expect(wake).toEqual(WAKE_ROUTES.filter(name => wake.includes(name)))
  }
})
