import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { profileField, profileOf } from '../../storage/accounts/profile-reader.ts'
import type { AccountApiContext, RemoteProfiles } from '../context.ts'
import { checkProfileKey } from './profile-field.ts'

/** `GET /profile/{userId}`. */
export function getProfile(context: AccountApiContext): Handler<Session | undefined> {
  return async (request, session) => {
    const userId = readableUser(context, session, request.param('userId'))
    if (serverOf(userId) !== context.config.serverName) return json(await remote(context).profile(userId))
    const fields = await profileOf(context.queries, await localUser(context, userId))
    const members = [...fields].map(([field, value]) => `${JSON.stringify(field)}:${value}`)
    return jsonText(`{${members.join(',')}}`)
  }
}

/** `GET /profile/{userId}/{keyName}`. */
export function getProfileField(context: AccountApiContext): Handler<Session | undefined> {
  return async (request, session) => {
    const userId = readableUser(context, session, request.param('userId'))
    const key = request.param('keyName')
    checkProfileKey(key)
    if (serverOf(userId) !== context.config.serverName)
      return json(await remote(context).profile(userId, key))
    const value = await profileField(context.queries, await localUser(context, userId), key)
    if (value === undefined) throw notFound()
    return jsonText(`{${JSON.stringify(key)}:${value}}`)
  }
}

function readableUser({ config }: AccountApiContext, session: Session | undefined, userId: string): string {
  if (config.rooms.profilesNeedAuth && !session) {
    throw new MatrixError(401, 'M_MISSING_TOKEN', 'Profiles are shown here to users who are logged in')
  }
  if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no user id')
  return userId
}

async function localUser({ queries }: AccountApiContext, userId: string) {
  const account = await findAccount(queries, userId)
  if (!account || account.deactivated) throw notFound()
  return account.userNid
}

function remote({ remoteProfiles }: AccountApiContext): RemoteProfiles {
  if (!remoteProfiles) throw notFound()
  return remoteProfiles
}

function notFound(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such profile or field')
}
