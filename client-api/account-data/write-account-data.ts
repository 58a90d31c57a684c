import { checkNewEntry, MAX_CONTENT_BYTES } from '../../homeserver/accounts/account-data-limits.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { AccountApiContext } from '../context.ts'
import { requireOwnUser } from '../http/own-user.ts'
import { accountDataType, refuseManagedType } from './account-data-type.ts'
import { roomOfPath } from './account-data-room.ts'

/** `PUT /user/{userId}/account_data/{type}`. */
export function putAccountData(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    return put(context, request, session, NO_ROOM)
  }
}

/** `PUT /user/{userId}/rooms/{roomId}/account_data/{type}`. */
export function putRoomAccountData(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    refuseManagedType(accountDataType(request))
    return put(context, request, session, await roomOfPath(context, request))
  }
}

/** An empty object deletes, as `DELETE` does (MSC3391). */
async function put(context: AccountApiContext, request: IncomingRequest, session: Session, roomNid: RoomNid) {
  const type = accountDataType(request)
  refuseManagedType(type)
  const body = await request.object({ maxBytes: MAX_CONTENT_BYTES })
  const { userNid } = session
  const known = await findAccountData(context.queries, userNid, roomNid, type)
  const content = Object.keys(body).length === 0 ? null : JSON.stringify(body)
  if (known === undefined) {
    if (content === null) return nothing()
    await checkNewEntry(context.queries, userNid)
  }
  await context.committer.submit(ACCOUNT_DATA, { userNid, roomNid, type, content })
  return nothing()
}

/** `DELETE` of the two (MSC3391): other devices get an empty object once, later ones nothing. */
export function deleteAccountData(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    return remove(context, request, session, NO_ROOM)
  }
}

/** As `deleteAccountData`, in a room. */
export function deleteRoomAccountData(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    return remove(context, request, session, await roomOfPath(context, request))
  }
}

async function remove(
  context: AccountApiContext,
  request: IncomingRequest,
  session: Session,
  roomNid: RoomNid,
) {
  const type = accountDataType(request)
  refuseManagedType(type)
  const { userNid } = session
  if ((await findAccountData(context.queries, userNid, roomNid, type)) !== undefined) {
    await context.committer.submit(ACCOUNT_DATA, { userNid, roomNid, type, content: null })
  }
  return nothing()
}
