import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { findMembership, isServerJoined } from '../../../storage/rooms/membership-reader.ts'
import { membershipIn } from '../membership-in.ts'
import type { OpenRoom } from '../open-room.ts'
import type { Actor } from './actor.ts'
import { refuseUncanonical } from './check-draft.ts'
import { joinAuthorisation } from './join-authorisation.ts'
import { memberProfile } from './member-profile.ts'
import { knownServers, serversToAsk } from './servers-to-ask.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'
import { submitDraft } from './submit-draft.ts'

/** What fetching the members of a small room takes, over half the world. */
const SMALL_ROOM_MS = 1_000

/** A wish to join or knock. */
export interface EntryRequest {
  readonly roomId: string
  /** Servers that may be in the room, the likeliest first. */
  readonly servers: readonly string[]
  /** What the client wants in the membership event besides the profile: a reason, or keys of its own. */
  readonly content: JsonObject
}

/**
 * Joins a room, through other servers where this one is not in it. Who is in it already stays there.
 *
 * @throws MatrixError 403 where the rules refuse it, 404 where nobody knows the room, 429.
 */
export async function joinRoom(actions: RoomActions, user: Actor, request: EntryRequest): Promise<void> {
  const { roomId } = request
  const content = await entryContent(actions, user, request)
  const room = await residentRoom(actions, roomId)
  if (room) return joinHere(actions, user, room, request, content)
  await actions.remoteJoins.take(roomId, async () => {
    const meanwhile = await residentRoom(actions, roomId)
    if (meanwhile) return joinHere(actions, user, meanwhile, request, content)
    return joinThroughOthers(actions, user, request, content)
  })
}

/**
 * The content of an own membership event but for the membership.
 *
 * @throws MatrixError 400 M_BAD_JSON for content without canonical form.
 */
export async function entryContent(
  { services }: RoomActions,
  user: Actor,
  request: EntryRequest,
): Promise<JsonObject> {
  const {
    membership: _,
    join_authorised_via_users_server: __,
    third_party_signed: ___,
    ...wanted
  } = request.content
  const profile = await memberProfile(services.queries, user.userNid)
  const content = { ...profile, ...wanted }
  refuseUncanonical({ type: 'm.room.member', stateKey: user.userId, sender: user.userId, content })
  return content
}

/** The room where one of our users is joined to it, so that this server knows its newest state. */
export async function residentRoom(
  { services, writer }: RoomActions,
  roomId: string,
): Promise<OpenRoom | undefined> {
  const room = await writer.open(roomId)
  if (!room) return undefined
  const serverNid = await services.interner.serverNid(services.serverName)
  return (await isServerJoined(services.queries, room.head.roomNid, serverNid)) ? room : undefined
}

async function joinHere(
  actions: RoomActions,
  user: Actor,
  room: OpenRoom,
  request: EntryRequest,
  content: JsonObject,
): Promise<void> {
  const { roomId } = room.head
  const member = (await newestState(room, [['m.room.member', user.userId]]))('m.room.member', user.userId)
  if (member && membershipIn(member) === 'join') return
  if (user.guest) await requireGuestsWelcome(room)
  actions.limits.joinsLocal.consumeFor(user)
  actions.limits.joinsPerRoom.consumeFor(user, roomId)
  // What is known of the room may not show who is banned from it.
  if (actions.services.partial.has(room.head.roomNid)) {
    return joinThroughOthers(actions, user, request, content)
  }
  const authorisation = await joinAuthorisation(actions, user, room, member && membershipIn(member))
  if (authorisation.kind === 'elsewhere') {
    const servers = [...request.servers, ...(await knownServers(actions, roomId))]
    return joinThroughOthers(actions, user, { ...request, servers }, content)
  }
  const { authoriser } = authorisation
  await submitDraft(actions, roomId, {
    type: 'm.room.member',
    stateKey: user.userId,
    sender: user.userId,
    content: {
      ...content,
      membership: 'join',
      ...(authoriser === undefined ? {} : { join_authorised_via_users_server: authoriser }),
    },
  })
}

async function joinThroughOthers(
  actions: RoomActions,
  user: Actor,
  request: EntryRequest,
  content: JsonObject,
): Promise<void> {
  const { roomId } = request
  if (user.guest) throw guestsUnwelcome()
  const servers = await serversToAsk(actions, user, request)
  if (!actions.remote || servers.length === 0) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'No server is known that is in this room')
  }
  actions.limits.joinsRemote.consumeFor(user)
  actions.limits.joinsPerRoom.consumeFor(user, roomId)
  const joined = await actions.remote.join(roomId, user.userId, content, servers)
  await actions.writer.submit(roomId, { kind: 'adopt', ...joined })
  const roomNid = await actions.services.interner.findRoomNid(roomId)
  // A small room is whole by then, and its joiner never notices that it was not.
  if (roomNid !== undefined) await actions.services.partial.whole(roomNid, SMALL_ROOM_MS)
}

async function requireGuestsWelcome(room: OpenRoom): Promise<void> {
  const setting = (await newestState(room, [['m.room.guest_access']]))('m.room.guest_access')
  if (!setting || ownValue(setting.content, 'guest_access') !== 'can_join') throw guestsUnwelcome()
}

function guestsUnwelcome(): MatrixError {
  return new MatrixError(403, 'M_GUEST_ACCESS_FORBIDDEN', 'Guests cannot join this room')
}

/** Whether a user is joined to a room, as committed. */
export async function isJoined({ services }: RoomActions, user: Actor, roomId: string): Promise<boolean> {
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined) return false
  return (await findMembership(services.queries, user.userNid, roomNid))?.membership === 'join'
}
