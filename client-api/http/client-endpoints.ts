import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import { refuseLocked } from '../../homeserver/accounts/refuse-locked.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { AppService } from '../../homeserver/appservices/registration/app-service.ts'
import { anybody, endpoint, type EndpointMiddleware, type Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { accessTokenOf } from './access-token.ts'
import { refuseSuspended, sessionOf } from './authenticate.ts'
import { isOpenToSuspended } from './suspension.ts'

/** The session of an application service. */
export type AppServiceSession = Session & { readonly appService: AppService }

/** The kinds of endpoint of the client API, by who may call them. */
export interface ClientEndpoints {
  /** Anybody. */
  open(handler: Handler<undefined>): EndpointMiddleware
  /** Anybody; who sends a token must send a good one. */
  optional(handler: Handler<Session | undefined>): EndpointMiddleware
  /** Users and guests. */
  guest(handler: Handler<Session>): EndpointMiddleware
  /** Users with a full account. */
  user(handler: Handler<Session>): EndpointMiddleware
  /** Users whose account may be locked: to log out. */
  evenLocked(handler: Handler<Session>): EndpointMiddleware
  /** Application services, for whichever of their users. */
  appService(handler: Handler<AppServiceSession>): EndpointMiddleware
  /** Administrators of this server. */
  admin(handler: Handler<Session>): EndpointMiddleware
}

/** Endpoints that authenticate by access token. */
export function clientEndpoints(accounts: Accounts): ClientEndpoints {
  const activeSession = async (request: IncomingRequest): Promise<Session> => {
    const session = await sessionOf(accounts, request)
    refuseLocked(session)
    if (!isOpenToSuspended(request.method, request.pattern)) refuseSuspended(session)
    return session
  }
  return {
    open: (handler) => endpoint(anybody, handler),
    evenLocked: (handler) => endpoint((request) => sessionOf(accounts, request), handler),
    guest: (handler) => endpoint(activeSession, handler),
    optional: (handler) =>
      endpoint(async (request) => (accessTokenOf(request) ? activeSession(request) : undefined), handler),
    user: (handler) =>
      endpoint(async (request) => {
        const session = await activeSession(request)
        refuseGuest(session)
        return session
      }, handler),
    appService: (handler) =>
      endpoint(async (request) => {
        const session = await activeSession(request)
        const { appService } = session
        if (appService) return { ...session, appService }
        throw new MatrixError(403, 'M_FORBIDDEN', 'Only application services may do this')
      }, handler),
    admin: (handler) =>
      endpoint(async (request) => {
        const session = await activeSession(request)
        if (session.admin) return session
        throw new MatrixError(403, 'M_FORBIDDEN', 'Only administrators of this server may do this')
      }, handler),
  }
}

/** @throws MatrixError 403 M_GUEST_ACCESS_FORBIDDEN for guests. */
export function refuseGuest(session: Session): void {
  if (!session.guest) return
  throw new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'Guests may not do this; register an account')
}
