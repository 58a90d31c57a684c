import type { Session } from '../../homeserver/accounts/sessions.ts'
import { deleteTag, putTag, tagsOf } from '../../homeserver/accounts/room-tags.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { roomOfPath } from '../account-data/account-data-room.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { requireOwnUser } from '../http/own-user.ts'

const TAGS = '/_matrix/client/v3/user/:userId/rooms/:roomId/tags'

/** Room tagging. */
export function tagRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(TAGS, user(getTags(context)))
    .put(`${TAGS}/:tag`, user(setTag(context)))
    .delete(`${TAGS}/:tag`, user(removeTag(context)))
}

function getTags(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    return json({ tags: await tagsOf(context, session, await roomOfPath(context, request)) })
  }
}

function setTag(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const roomNid = await roomOfPath(context, request)
    await putTag(context, session, roomNid, request.param('tag'), await request.object())
    return nothing()
  }
}

function removeTag(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    await deleteTag(context, session, await roomOfPath(context, request), request.param('tag'))
    return nothing()
  }
}
