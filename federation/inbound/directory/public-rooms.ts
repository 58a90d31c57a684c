import {
  publicRoomsJson,
  type PublicRoomsQuestion,
} from '../../../homeserver/directory/public-rooms/public-rooms-page.ts'
import type { PublishedRooms } from '../../../homeserver/directory/public-rooms/published-rooms.ts'
import { questionInBody, questionInQuery } from '../../../homeserver/directory/public-rooms/read-question.ts'
import { json, type Answer } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/**
 * `GET` and `POST /_matrix/federation/v1/publicRooms`.
 *
 * @param rooms undefined where the directory is not for other servers: they get 403 M_FORBIDDEN.
 */
export function publicRoomsRoutes(context: InboundContext, rooms: PublishedRooms | undefined): Routes {
  const path = '/_matrix/federation/v1/publicRooms'
  const answer = async (question: PublicRoomsQuestion): Promise<Answer> => {
    if (!rooms) throw new MatrixError(403, 'M_FORBIDDEN', 'This server does not tell others its public rooms')
    return json(publicRoomsJson(await rooms.page(question, true)))
  }
  return declareRoutes()
    .get(
      path,
      signedEndpoint(context.gate(), (request) => answer(questionInQuery(request))),
    )
    .post(
      path,
      signedEndpoint(context.gate(), async (request) => answer(questionInBody(await request.object()))),
    )
}
