import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import type { Actor } from './actor.ts'
import { entryContent, residentRoom, type EntryRequest } from './join-room.ts'
import type { RoomActions } from './room-actions.ts'
import { serversToAsk } from './servers-to-ask.ts'
import { submitDraft } from './submit-draft.ts'

/**
 * Asks to be let into a room (client-server API, "Knocking on rooms").
 *
 * @throws MatrixError 403 where the room takes no knocks or this user's, 404 where nobody knows the room, 429.
 */
export async function knockOnRoom(actions: RoomActions, user: Actor, request: EntryRequest): Promise<void> {
  const { roomId } = request
  const content = await entryContent(actions, user, request)
  actions.limits.joinsLocal.consumeFor(user)
  if (await residentRoom(actions, roomId)) {
    await submitDraft(actions, roomId, {
      type: 'm.room.member',
      stateKey: user.userId,
      sender: user.userId,
      content: { ...content, membership: 'knock' },
    })
    return
  }
  const servers = await serversToAsk(actions, user, request)
  if (!actions.remote || servers.length === 0) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'No server is known that is in this room')
  }
  const { interner, committer } = actions.services
  const knock = await actions.remote.knock(roomId, user.userId, content, servers)
  await committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid: user.userNid,
    roomNid: await interner.roomNid(roomId, undefined),
    membership: 'knock',
    senderNid: user.userNid,
    eventPdu: Buffer.from(canonicalJson(knock.event.pdu, { strict: false })),
    strippedState: Buffer.from(JSON.stringify(knock.strippedState)),
  })
}
