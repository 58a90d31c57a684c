import { LRUCache } from 'lru-cache'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { currentStateAt } from '../../../storage/rooms/current-state-reader.ts'
import type { RoomServices } from '../room-services.ts'

/** About 100 bytes each; what room a room came after never changes. */
const MAX_ROOMS = 50_000

/** Which room came after which, as their state says. */
export class RoomTies {
  readonly #services: RoomServices
  readonly #predecessors = new LRUCache<RoomNid, string | 'none'>({
    maxSize: MAX_ROOMS,
    sizeCalculation: () => 1,
  })

  constructor(services: RoomServices) {
    this.#services = services
  }

  /** The room that a room says it replaces. */
  async predecessorOf(roomNid: RoomNid): Promise<string | undefined> {
    let roomId = this.#predecessors.get(roomNid)
    if (roomId === undefined) {
      const create = await contentOf(this.#services, roomNid, 'm.room.create')
      if (!create) return undefined
      const predecessor = ownValue(create, 'predecessor')
      const named = isJsonObject(predecessor) ? ownValue(predecessor, 'room_id') : undefined
      roomId = typeof named === 'string' ? named : 'none'
      this.#predecessors.set(roomNid, roomId)
    }
    return roomId === 'none' ? undefined : roomId
  }

  /** The room that a closed room says replaces it. */
  async successorOf(roomNid: RoomNid): Promise<string | undefined> {
    const tombstone = await contentOf(this.#services, roomNid, 'm.room.tombstone')
    const replacement = tombstone && ownValue(tombstone, 'replacement_room')
    return typeof replacement === 'string' ? replacement : undefined
  }

  /**
   * The room that a room replaces. One that only claims to be the successor of another is none: the old room has to
   * say so too.
   */
  async replacedBy(roomNid: RoomNid, roomId: string): Promise<string | undefined> {
    const oldRoomId = await this.predecessorOf(roomNid)
    const oldNid = oldRoomId === undefined ? undefined : await this.#services.interner.findRoomNid(oldRoomId)
    if (oldNid === undefined || (await this.successorOf(oldNid)) !== roomId) return undefined
    return oldRoomId
  }
}

/** The content of a room's current state at a type, with the empty state key. */
export async function contentOf(
  services: RoomServices,
  roomNid: RoomNid,
  type: string,
): Promise<JsonObject | undefined> {
  const { interner, queries, events } = services
  const [typeNid, stateKeyNid] = await Promise.all([interner.typeNid(type), interner.stateKeyNid('')])
  const eventNid = await currentStateAt(queries, roomNid, typeNid, stateKeyNid)
  if (eventNid === undefined) return undefined
  return (await events.byPlaces([{ roomNid, eventNid }])).get(eventNid)?.event.content
}
