import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { moveAliasesOfRoom } from '../../../../storage/rooms/aliases.ts'
import type { Actor } from '../actor.ts'
import type { RoomActions } from '../room-actions.ts'
import { newestState } from '../state-at.ts'
import { submitDraft } from '../submit-draft.ts'
import type { RoomMove } from './room-moved.ts'

/** This server's aliases of a room name the new room from now on, and the canonical one is told there. */
export async function moveAliases(
  actions: RoomActions,
  user: Actor,
  { oldRoomId, newRoomId }: RoomMove,
): Promise<void> {
  const { interner, queries } = actions.services
  const rooms = await interner.findRooms([oldRoomId, newRoomId])
  await moveAliasesOfRoom(queries, rooms.get(oldRoomId)!, rooms.get(newRoomId)!)
  for (const roomNid of rooms.values()) actions.appServices.aliasesChanged(roomNid)
  const old = await actions.writer.open(oldRoomId)
  const canonical = old && (await newestState(old, [['m.room.canonical_alias']]))('m.room.canonical_alias')
  if (!canonical || Object.keys(canonical.content).length === 0) return
  const draft = { type: 'm.room.canonical_alias', stateKey: '', sender: user.userId }
  // The new room is told first: what the old one no longer says, nobody finds again.
  for (const [roomId, content] of [[newRoomId, canonical.content], [oldRoomId, {}]] as const) {
    // The aliases themselves have moved; what a room calls itself is its own, and not everybody's to change.
    await submitDraft(actions, roomId, { ...draft, content }).catch((error: unknown) => {
      if (!(error instanceof MatrixError)) throw error
    })
  } // prettier-ignore
}
