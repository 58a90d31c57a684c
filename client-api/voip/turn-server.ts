import { createHmac } from 'node:crypto'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { TurnConfig } from '../../homeserver/config/sections/calls.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `GET /voip/turnServer` (client-server API, "Voice over IP"). */
export function voipRoutes({ config }: AccountApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().get('/_matrix/client/v3/voip/turnServer', guest(turnServer(config.calls.turn)))
}

/** Without a TURN server the answer is empty, which is what clients take for that. */
function turnServer(turn: TurnConfig | undefined): Handler<Session> {
  return (_request, { userId, guest }) => {
    if (guest && turn?.allowGuests === false) {
      throw new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'Guests make no calls here; register an account')
    }
    if (!turn) return json({})
    return json({
      ...credentialsOf(turn, userId, Date.now()),
      ttl: Math.floor(turn.lifetimeMs / 1000),
      uris: turn.uris,
    })
  }
}

/**
 * What a user shows the TURN server. With a shared secret they end with their lifetime: the name says until when, in
 * seconds since the epoch, and the password is its MAC ("A REST API For Access To TURN Services",
 * draft-uberti-behave-turn-rest).
 */
export function credentialsOf(
  { credentials, lifetimeMs }: Pick<TurnConfig, 'credentials' | 'lifetimeMs'>,
  userId: string,
  now: number,
): { readonly username: string; readonly password: string } {
  if (credentials.kind === 'fixed') {
    return { username: credentials.username, password: credentials.password }
  }
  const username = `${Math.floor((now + lifetimeMs) / 1000)}:${userId}`
  // The TURN protocol fixes SHA-1 and padded base64.
  return { username, password: createHmac('sha1', credentials.secret).update(username).digest('base64') }
}
