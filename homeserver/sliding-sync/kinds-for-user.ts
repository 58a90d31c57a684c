import { ownValue } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { shownEvent } from '../history/event-text.ts'
import type { Viewer } from '../history/read-services.ts'
import { whoWasMember, type Stay } from '../sync/left-rooms.ts'
import { readState, type StateEvents } from './read-state.ts'
import { nameForm, type RoomKind } from './room-kinds.ts'
import type { SlidingServices } from './sliding-services.ts'

const PLACES = ['m.room.name', 'm.room.encryption'].map((type) => ({ type, stateKey: '' }))

/**
 * The kinds of rooms as a user may know them: of rooms that the user has left what they were at the departure, or
 * filters would tell what rooms are called since. The type of a room never changes.
 */
export async function kindsForUser(
  services: SlidingServices,
  viewer: Viewer,
  rooms: readonly UserRoom[],
): Promise<ReadonlyMap<RoomNid, RoomKind>> {
  const kinds = new Map(await services.kinds.of(viewer, rooms))
  const left = rooms
    .filter(({ membership, outside }) => !outside && (membership === 'leave' || membership === 'ban'))
    .map((room): Stay => ({ roomNid: room.roomNid, room, section: 'leave' }))
  if (left.length === 0) return kinds
  const wasMember = await whoWasMember(services, left)
  const states = await readState(
    services,
    left
      .filter(({ roomNid }) => wasMember.has(roomNid))
      .map((plan) => ({ plan, selector: undefined, places: PLACES })),
  )
  for (const { roomNid } of left) {
    const type = kinds.get(roomNid)?.type
    kinds.set(roomNid, { type, ...kindIn(states.get(roomNid)) })
  }
  return kinds
}

function kindIn(state: StateEvents | undefined): Omit<RoomKind, 'type'> {
  if (!state) return { encrypted: undefined, name: undefined }
  const named = state.get('m.room.name', '')
  const name = named && ownValue(shownEvent(named).content, 'name')
  return {
    encrypted: state.get('m.room.encryption', '') !== undefined,
    name: typeof name === 'string' ? nameForm(name) : undefined,
  }
}
