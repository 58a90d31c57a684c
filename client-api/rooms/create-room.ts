import { publishRoom } from '../../homeserver/directory/public-rooms/set-visibility.ts'
import { createRoom } from '../../homeserver/rooms/actions/create-room/create-room.ts'
import type { InitialState, Preset, RoomWish } from '../../homeserver/rooms/actions/create-room/room-wish.ts'
import type { RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import {
  inviteThirdPartyId,
  requireIdentityService,
  type ThirdPartyInviteRequest,
} from '../../homeserver/rooms/actions/third-party-invites/invite-third-party-id.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalFlag, optionalText, requiredTexts } from '../http/body-fields.ts'
import { thirdPartyInviteIn } from './third-party-invite-in.ts'

/** Each costs an event, and for users of other servers a request. */
const MAX_INVITES = 500
/** Each costs several requests to an identity server. */
const MAX_THIRD_PARTY_INVITES = 20
/** Templates of rooms have some tens. */
const MAX_INITIAL_STATE = 500

/** `POST /createRoom`. */
export function postCreateRoom({ rooms, directory }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const body = await request.optionalObject()
    const thirdParties = thirdPartyInvitesIn(rooms, body)
    const roomId = await createRoom(rooms, session, wishIn(body))
    await inviteThirdParties(rooms, session, roomId, thirdParties)
    if (optionalText(body, 'visibility') === 'public') await publishRoom(rooms, directory.published, roomId)
    return json({ room_id: roomId })
  }
}

/** What is wrong with them is told before there is a room. */
function thirdPartyInvitesIn(rooms: RoomActions, body: JsonObject): ThirdPartyInviteRequest[] {
  const value = ownValue(body, 'invite_3pid') ?? []
  if (!Array.isArray(value) || value.length > MAX_THIRD_PARTY_INVITES) {
    const sentence = `\`invite_3pid\` must be a list of ${MAX_THIRD_PARTY_INVITES} at most`
    throw new MatrixError(400, 'M_BAD_JSON', sentence)
  }
  return value.map((entry) => {
    if (!isJsonObject(entry)) throw new MatrixError(400, 'M_BAD_JSON', '`invite_3pid` must hold objects')
    const invite = thirdPartyInviteIn(entry)
    requireIdentityService(rooms).server(invite.idServer)
    return invite
  })
}

/** The room stands by now: an invite that cannot be made leaves the rest as it is. */
async function inviteThirdParties(
  rooms: RoomActions,
  session: Session,
  roomId: string,
  invites: readonly ThirdPartyInviteRequest[],
): Promise<void> {
  for (const invite of invites) {
    try {
      await inviteThirdPartyId(rooms, session, roomId, invite)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
    }
  }
}

function wishIn(body: JsonObject): RoomWish {
  return {
    version: optionalText(body, 'room_version'),
    preset: presetIn(body),
    creationContent: objectAt(body, 'creation_content'),
    powerLevelOverride: objectAt(body, 'power_level_content_override'),
    initialState: initialStateIn(ownValue(body, 'initial_state') ?? []),
    aliasLocalpart: optionalText(body, 'room_alias_name'),
    name: optionalText(body, 'name'),
    topic: optionalText(body, 'topic'),
    invite: (ownValue(body, 'invite') ?? null) === null ? [] : requiredTexts(body, 'invite', MAX_INVITES),
    isDirect: optionalFlag(body, 'is_direct') ?? false,
  }
}

function presetIn(body: JsonObject): Preset {
  const visibility = optionalText(body, 'visibility') ?? 'private'
  if (visibility !== 'public' && visibility !== 'private') {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`visibility` must be public or private')
  }
  const preset = optionalText(body, 'preset') ?? `${visibility}_chat`
  if (preset === 'private_chat' || preset === 'public_chat' || preset === 'trusted_private_chat')
    return preset
  throw new MatrixError(400, 'M_INVALID_PARAM', '`preset` names none that this server knows')
}

function initialStateIn(value: JsonValue): InitialState[] {
  if (!Array.isArray(value)) throw badInitialState()
  if (value.length > MAX_INITIAL_STATE) {
    throw new MatrixError(
      400,
      'M_TOO_LARGE',
      `\`initial_state\` may have ${MAX_INITIAL_STATE} entries at most`,
    )
  }
  return value.map((entry) => {
    const type = isJsonObject(entry) ? ownValue(entry, 'type') : undefined
    const stateKey = isJsonObject(entry) ? (ownValue(entry, 'state_key') ?? '') : undefined
    const content = isJsonObject(entry) ? ownValue(entry, 'content') : undefined
    if (typeof type !== 'string' || typeof stateKey !== 'string' || !isJsonObject(content)) {
      throw badInitialState()
    }
    return { type, stateKey, content }
  })
}

function objectAt(body: JsonObject, key: string): JsonObject {
  const value = ownValue(body, key) ?? {}
  if (isJsonObject(value)) return value
  throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be an object`)
}

function badInitialState(): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', '`initial_state` must be a list of objects with type and content')
}
