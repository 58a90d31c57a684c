import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../protocol/auth-rules/check-auth.ts'
import { ownerOfStateKey } from '../../protocol/auth-rules/owned-state.ts'
import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { asClientError } from './as-client-error.ts'
import type { EventDraft } from './event-draft.ts'
import { causesForNext } from './extremities.ts'
import { impliedCreate } from './check-against.ts'
import type { Judgement } from './judge-received.ts'
import { judged } from './judged-event.ts'
import { plainEvents, type OpenRoom } from './open-room.ts'
import { resolveRoots, type ResolvedState } from './resolve-roots.ts'
import type { RoomServices } from './room-services.ts'

/** The largest depth that canonical JSON can carry (room version 6). */
const MAX_DEPTH = Number.MAX_SAFE_INTEGER

/**
 * Builds, judges and signs a local event on the room's newest head.
 *
 * @throws MatrixError `M_FORBIDDEN` with the rule's sentence when the auth rules refuse it; `M_BAD_JSON` for a state
 *   key that names nobody in a room with owned state.
 */
export async function buildEvent(
  services: RoomServices,
  room: OpenRoom,
  draft: EventDraft,
): Promise<Judgement> {
  checkOwnerForm(room, draft)
  const placed = await placeEvent(services, room, draft)
  const event = asClientError(() => buildPdu(placed.fields, room.head.version, services.signer))
  const auth = checkAuth(event, authStateOf(placed.authEvents, placed.create))
  if (!auth.allowed) throw new MatrixError(403, 'M_FORBIDDEN', auth.reason)
  return { event: judged(event, 'accepted'), stateBefore: placed.stateBefore }
}

function checkOwnerForm({ head: { version } }: OpenRoom, { stateKey }: EventDraft): void {
  if (!version.ownedState || !stateKey?.startsWith('@') || ownerOfStateKey(stateKey) !== undefined) return
  throw new MatrixError(
    400,
    'M_BAD_JSON',
    'Such a state key is a user id, or one with an underscore after it',
  )
}

/** Where an event would stand, as `make_join` and its like tell it to another server, and as we sign it. */
export async function placeEvent(services: RoomServices, room: OpenRoom, draft: EventDraft) {
  const { head } = room
  const causes = causesForNext(head)
  const stateBefore: ResolvedState =
    causes.length === head.extremities.length
      ? { root: head.root, newNodes: [] }
      : await resolveRoots(
          services,
          room,
          causes.map((extremity) => extremity.stateAfter),
        )
  const subject = { type: draft.type, sender: draft.sender, stateKey: draft.stateKey, content: draft.content }
  const staged = services.trie.stage(stateBefore.newNodes)
  let authEvents: RoomEvent[]
  try {
    authEvents = plainEvents(
      (await room.stateEvents(stateBefore.root, authEventTuples(head.version, subject))).values(),
    )
  } finally {
    staged.discarded()
  }
  const depth = causes.reduce((deepest, extremity) => Math.max(deepest, extremity.depth), 0) + 1
  return {
    stateBefore,
    authEvents,
    create: await impliedCreate(room),
    fields: {
      roomId: head.roomId,
      type: draft.type,
      sender: draft.sender,
      stateKey: draft.stateKey,
      content: draft.content,
      redacts: draft.redacts,
      originServerTs: draft.originServerTs ?? services.now(),
      depth: Math.min(depth, MAX_DEPTH),
      prevEvents: causes.map((extremity) => extremity.eventId),
      authEvents: authEvents.map((event) => event.eventId),
    },
  }
}
