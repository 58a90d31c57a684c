import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { RoomStretch, StateDelta } from '../../storage/sync/state-places-reader.ts'
import type { ChangeSource } from './change-source.ts'
import { whoWasMember } from './left-rooms.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncServices } from './sync-services.ts'

/** How the state of rooms has changed since the client's last answer, in stream order, as far as the user may know. */
export async function readDeltas(
  services: SyncServices,
  source: ChangeSource,
  plans: readonly RoomPlan[],
): Promise<Map<RoomNid, StateDelta[]>> {
  const wasMember = await whoWasMember(services, plans)
  const stretches = plans.flatMap(({ roomNid, after, upTo, section }): RoomStretch[] =>
    after === undefined || (section === 'leave' && !wasMember.has(roomNid)) ? [] : [{ roomNid, after, upTo }],
  )
  const deltas = new Map<RoomNid, StateDelta[]>()
  for (const delta of await source.stateDeltas(stretches)) {
    const list = deltas.get(delta.roomNid)
    if (list) list.push(delta)
    else deltas.set(delta.roomNid, [delta])
  }
  return deltas
}
