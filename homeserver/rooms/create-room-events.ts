import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { EMPTY_ROOT } from '../../storage/state-trie/state-root.ts'
import { submitPlanned, takePlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judged } from './judged-event.ts'
import type { OpenRoom } from './open-room.ts'
import { openEmptyRoom } from './open-stored-room.ts'
import { planWrite } from './plan-write.ts'
import type { CreateIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import { planDrafts } from './send-events.ts'

/** Writes a new room's create event and what follows it: all of it or nothing. */
export async function createRoomEvents(
  services: RoomServices,
  roomId: string,
  known: OpenRoom | undefined,
  { version: versionId, createEvent, drafts }: CreateIntent,
): Promise<HandledIntent> {
  if (known) throw new MatrixError(400, 'M_ROOM_IN_USE', 'There is a room with this id already.')
  const version = roomVersion(versionId)
  if (!version)
    throw new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', `Room version ${versionId} is not supported.`)
  const allowed = checkAuth(createEvent, authStateOf([]))
  if (!allowed.allowed) throw new MatrixError(403, 'M_FORBIDDEN', allowed.reason)

  const room = await openEmptyRoom(services, roomId, version)
  const before = { root: EMPTY_ROOT, newNodes: [] }
  const create = judged(createEvent, 'accepted')
  const created = await planWrite(services, room, create, before)
  takePlanned(room, created)
  const following = await planDrafts(services, room, { drafts })
  const commits = [created, ...following.writes].map((write) => submitPlanned(services, room, write))
  const eventIds = [create.eventId, ...following.eventIds]
  const events = [create, ...following.events]
  return { room, committed: Promise.all(commits).then(() => ({ eventIds, events })) }
}
