import Router from '@koa/router'
import type { Answer } from './answer.ts'
import type { IncomingRequest } from './incoming-request.ts'

/** What the framework leaves in `ctx.state` for an endpoint, and what the endpoint leaves for it. */
export interface EndpointState {
  request: IncomingRequest
  answer?: Answer
}

/** A declared endpoint as @koa/router and the dispatcher run it. */
export type EndpointMiddleware = (context: { state: EndpointState }) => Promise<void>

/** The routes of one module, declared with their full patterns: `routes.get('/_matrix/…/:id', endpoint(…))`. */
export type Routes = Router<EndpointState>

/** Starts a module's declarations. */
export function declareRoutes(): Routes {
  return new Router<EndpointState>()
}

/** Decides who asks. @throws MatrixError when nobody who may. It may read the body, as signed requests need. */
export type Authenticator<Caller> = (request: IncomingRequest) => Caller | Promise<Caller>

/** What an endpoint does for an authenticated caller. @throws MatrixError for all that the caller did wrong. */
export type Handler<Caller> = (request: IncomingRequest, caller: Caller) => Answer | Promise<Answer>

/** An endpoint: authenticates, then handles. */
export function endpoint<Caller>(
  authenticate: Authenticator<Caller>,
  handle: Handler<Caller>,
): EndpointMiddleware {
  return async (context) => {
    const { request } = context.state
    context.state.answer = await handle(request, await authenticate(request))
  }
}

/** The authenticator of endpoints that anybody may call. */
export function anybody(): undefined {
  return undefined
}
