import { changeProfile, removeFromProfile } from '../../homeserver/accounts/profile.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { requireOwnUser } from '../http/own-user.ts'
import { checkProfileKey, checkProfileValue, isMemberField } from './profile-field.ts'

/** `PUT /profile/{userId}/{keyName}`. */
export function setProfileField(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const key = changeableKey(context, request, session)
    const value = ownValue(await request.object(), key)
    if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
    // Clients clear a name or a picture by null or by the empty text, from before there was DELETE.
    if (isMemberField(key) && (value === null || value === '')) {
      await removeFromProfile(context.accounts, session, key)
    } else {
      checkProfileValue(key, value)
      await changeProfile(context.accounts, session, key, JSON.stringify(value))
    }
    return nothing()
  }
}

/** `DELETE /profile/{userId}/{keyName}`. */
export function deleteProfileField(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    await removeFromProfile(context.accounts, session, changeableKey(context, request, session))
    return nothing()
  }
}

function changeableKey(
  { config, limits }: AccountApiContext,
  request: IncomingRequest,
  session: Session,
): string {
  requireOwnUser(request, session)
  const key = request.param('keyName')
  checkProfileKey(key)
  if (session.guest && key !== 'displayname') {
    throw new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'Guests may only set a display name')
  }
  const { mayChangeDisplayName, mayChangeAvatarUrl } = config.login
  if ((key === 'displayname' && !mayChangeDisplayName) || (key === 'avatar_url' && !mayChangeAvatarUrl)) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This part of the profile is managed by the administrators')
  }
  limits.profile.consumeFor(session)
  return key
}
