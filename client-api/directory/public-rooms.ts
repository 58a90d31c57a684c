import type { Session } from '../../homeserver/accounts/sessions.ts'
import {
  NO_PUBLIC_ROOMS,
  publicRoomsJson,
  type PublicRoomsPage,
  type PublicRoomsQuestion,
} from '../../homeserver/directory/public-rooms/public-rooms-page.ts'
import { questionInBody, questionInQuery } from '../../homeserver/directory/public-rooms/read-question.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /publicRooms`. Other servers are asked only for users of this one, whatever the configuration allows. */
export function getPublicRooms(context: ClientApiContext): Handler<Session | undefined> {
  return async (request, session) => {
    const server = otherServer(context, request)
    if (!session && (server !== undefined || !context.config.rooms.publicRoomsWithoutAuth)) {
      throw new MatrixError(401, 'M_MISSING_TOKEN', 'An access token is needed')
    }
    return json(publicRoomsJson(await pageOf(context, server, questionInQuery(request))))
  }
}

/** `POST /publicRooms`. */
export function postPublicRooms(context: ClientApiContext): Handler<Session> {
  return async (request) => {
    const read = questionInBody(await request.optionalObject())
    return json(publicRoomsJson(await pageOf(context, otherServer(context, request), read)))
  }
}

async function pageOf(
  { directory, config }: ClientApiContext,
  server: string | undefined,
  question: PublicRoomsQuestion,
): Promise<PublicRoomsPage> {
  if (!config.rooms.roomListSearch) return NO_PUBLIC_ROOMS
  if (server === undefined) return directory.published.page(question, false)
  // Of other servers' networks only they know the ids.
  if (typeof question.network === 'object') return NO_PUBLIC_ROOMS
  if (directory.remote) return directory.remote.publicRooms(server, question)
  throw new MatrixError(502, 'M_UNKNOWN', 'This server does not talk to others')
}

/** The server whose rooms are wanted; undefined for this one. */
function otherServer({ config }: ClientApiContext, request: IncomingRequest): string | undefined {
  const server = request.query('server')
  if (server === undefined || server === '' || server === config.serverName) return undefined
  if (isServerName(server)) return server
  throw new MatrixError(400, 'M_INVALID_PARAM', '`server` is not a server name')
}
