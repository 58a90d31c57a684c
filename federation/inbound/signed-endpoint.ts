import {
  endpoint,
  type Authenticator,
  type EndpointMiddleware,
  type Handler,
} from '../../homeserver/http/endpoint.ts'
import type { RequestWindows } from '../../homeserver/rate-limits/request-windows.ts'
import type { FederationCaller } from './authenticate.ts'

/** What stands before the endpoints of other servers: who asks is proven first, and then waits for their turn. */
export interface RequestGate {
  readonly authenticate: Authenticator<FederationCaller>
  readonly turns: Pick<RequestWindows, 'take'>
}

/** An endpoint for signed requests: authenticates, then handles, no more at a time than each server may ask. */
export function signedEndpoint(
  { authenticate, turns }: RequestGate,
  handle: Handler<FederationCaller>,
): EndpointMiddleware {
  return endpoint(authenticate, (request, caller) => turns.take(caller.origin, () => handle(request, caller)))
}
