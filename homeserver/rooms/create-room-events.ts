import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { EMPTY_ROOT } from '../../storage/state-trie/state-root.ts'
import { commitPlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judged } from './judged-event.ts'
import type { OpenRoom } from './open-room.ts'
import { openEmptyRoom } from './open-stored-room.ts'
import { planWrite } from './plan-write.ts'
import type { CreateIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import { sendEvents } from './send-events.ts'

/** Writes a new room's create event and what follows it. */
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
  const created = commitPlanned(services, room, await planWrite(services, room, create, before))
  try {
    const following = await sendEvents(services, room, { kind: 'send', drafts })
    return {
      room,
      committed: Promise.all([created, following.committed]).then(([, rest]) => ({
        eventIds: [create.eventId, ...rest.eventIds],
        events: [create, ...rest.events],
      })),
    }
  } catch (error) {
    created.catch(() => undefined)
    throw error
  }
}
