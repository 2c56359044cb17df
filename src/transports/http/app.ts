import { type Context, Hono } from 'hono'
import type { Caller } from '../../bus/access.ts'
import { BusError } from '../../bus/errors.ts'
import { nearest } from '../../bus/names.ts'
import { joined, say } from '../../bus/say.ts'
import type { Exchange, Guard, Listener, Route } from './exchange.ts'
import { knownCaller } from './guards/credential.ts'
import { knownHost } from './guards/host.ts'
import { exactMethod } from './guards/method.ts'
import { ownOrigin } from './guards/origin.ts'
import { freePlace } from './guards/place.ts'
import { allowedScope } from './guards/scope.ts'
import type { HubPort } from './hub-port.ts'
import { renderError } from './render-error.ts'
import { ROUTES } from './routes.ts'

/** What the node server gives to the app beside the request. */
export type Bindings = Pick<Exchange, 'incoming' | 'outgoing' | 'listener'>

/** In this order; body and its JSON are judged by the routes that read one, the operation's scope in `invoke`. */
const EVERYWHERE: readonly Guard[] = [knownHost, ownOrigin, exactMethod]
const BEHIND_A_CREDENTIAL: readonly Guard[] = [...EVERYWHERE, knownCaller, allowedScope, freePlace]

export function createApp(hub: HubPort, routes: readonly Route[] = ROUTES): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>()
  for (const route of routes) app.on([...route.methods], route.path, context => pass(hub, route, context))
  app.all('*', context => pass(hub, undefined, context))
  app.onError((error, _) => renderError(error))
  return app
}

async function pass(hub: HubPort, route: Route | undefined, context: Context<{ Bindings: Bindings }>) {
  const { incoming, outgoing, listener } = context.env
  const exchange: Exchange = {
    hub,
    route,
    request: context.req.raw,
    incoming,
    outgoing,
    listener: listener satisfies Listener,
    caller: undefined,
  }
  try {
    for (const guard of route?.scope === 'open' ? EVERYWHERE : BEHIND_A_CREDENTIAL) {
      const judging = guard(exchange)
      if (judging !== undefined) await judging
    }
    if (route === undefined) throw unknownRoute(context.req.method, context.req.path)
    return route.scope === 'open' ? await route.handle(exchange) : await route.handle(exchange, passed(exchange))
  } catch (error) {
    hub.report(error)
    return renderError(error)
  }
}

/** No way leads here without a caller; if one ever does, it ends here. */
function passed(exchange: Exchange): Caller {
  if (exchange.caller) return exchange.caller
  throw new BusError('unauthenticated', 'expected a credential, got none')
}

/** Said only to those with a credential: others learn nothing about what there is. */
function unknownRoute(method: string, path: string): BusError {
  const known = ROUTES.find(route => route.path === path)
  if (known) return new BusError('invalid_input', say`expected ${joined(' or ', known.methods)} ${path}, got ${method}`)
  const near = nearest(
    path,
    ROUTES.map(route => route.path),
  )
  return new BusError('unknown_operation', 'there is no such route', {
    next: near.length > 0 ? say`Did you mean ${near}?` : say('See /openapi.json.'),
  })
}
