import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { hasAnnotated } from '../../../storage/relations/annotation-reader.ts'
import { findMembership } from '../../../storage/rooms/membership-reader.ts'
import { shownEvent } from '../../history/event-text.ts'
import type { EventDraft } from '../event-draft.ts'
import { relationOf, type Relation } from '../relation-of.ts'
import type { DeviceActor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

const nothingToRelease = (): void => {}

/**
 * Refuses relations that this server's users may not make; those of others are taken as they come.
 *
 * @returns to be called once the event is sent or refused: until then nobody repeats the same annotation.
 * @throws MatrixError 400 M_DUPLICATE_ANNOTATION ("Avoiding duplicate annotations"), M_UNKNOWN for a thread that
 *   begins at an event with a relation of its own ("Validation of `m.thread` relationships").
 */
export async function checkRelation(
  actions: RoomActions,
  sender: DeviceActor,
  roomId: string,
  draft: EventDraft,
): Promise<() => void> {
  const relation = relationOf(draft)
  if (relation?.relType === 'm.thread') await checkThread(actions, sender, roomId, relation)
  if (relation?.keyHash === undefined) return nothingToRelease
  return claimAnnotation(actions, sender, roomId, draft, { ...relation, keyHash: relation.keyHash })
}

async function checkThread(
  { services }: RoomActions,
  sender: DeviceActor,
  roomId: string,
  { parentEventId }: Relation,
): Promise<void> {
  const root = await services.events.byId(parentEventId)
  if (root?.event.roomId !== roomId || relationOf(shownEvent(root)) === undefined) return
  // Whoever is not in the room hears that instead.
  const row = await findMembership(services.queries, sender.userNid, root.roomNid)
  if (row?.membership !== 'join') return
  throw new MatrixError(400, 'M_UNKNOWN', 'A thread cannot begin at an event that relates to another')
}

async function claimAnnotation(
  { services, annotating }: RoomActions,
  sender: DeviceActor,
  roomId: string,
  { type }: EventDraft,
  { parentEventId, keyHash }: Relation & { readonly keyHash: Buffer },
): Promise<() => void> {
  const { interner, queries } = services
  const claim = JSON.stringify([roomId, sender.userId, type, parentEventId, keyHash.toString('base64')])
  if (annotating.has(claim)) throw duplicate()
  annotating.add(claim)
  const release = (): void => void annotating.delete(claim)
  try {
    const [roomNid, typeNid] = await Promise.all([interner.findRoomNid(roomId), interner.findTypeNid(type)])
    if (roomNid === undefined || typeNid === undefined) return release
    const annotation = { roomNid, typeNid, senderNid: sender.userNid, parentEventId, keyHash }
    if (await hasAnnotated(queries, annotation)) throw duplicate()
    return release
  } catch (error) {
    release()
    throw error
  }
}

function duplicate(): MatrixError {
  return new MatrixError(400, 'M_DUPLICATE_ANNOTATION', 'You have annotated the event like this already')
}
