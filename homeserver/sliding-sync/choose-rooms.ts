import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { filterRooms } from './filter-rooms.ts'
import { combineConfigs, stateText, type CombinedConfig, type RoomConfig } from './required-state.ts'
import type { ListRequest, SlidingRequest } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'
import type { UserRoomList } from './user-room-list.ts'

/** Each is worked out and stored by itself; clients have a handful. */
const MAX_COMBINATIONS = 200

/** Patterns of all rules that one room matches: each is looked up in every such room. One list may have as many. */
const MAX_PATTERNS_OF_ROOM = 500

/** A room that a client looks at. */
export interface ChosenRoom {
  readonly room: UserRoom
  readonly config: CombinedConfig
  /** The lists through whose windows it is looked at. */
  readonly lists: readonly string[]
  readonly subscribed: boolean
}

/** What a client looks at. */
export interface Choice {
  readonly rooms: ReadonlyMap<RoomNid, ChosenRoom>
  /** How many rooms each list holds. */
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Which rooms the rules of a request match (MSC4186, "Lists and subscriptions").
 *
 * @param subscriptions the rooms that the client subscribes to, by number.
 */
export async function chooseRooms(
  services: SlidingServices,
  request: SlidingRequest,
  { listed, visible }: UserRoomList,
  subscriptions: ReadonlyMap<RoomNid, RoomConfig>,
): Promise<Choice> {
  const lists = [...request.lists]
  const filtered = await filterRooms(
    services,
    request.viewer,
    lists.map(([, { filter }]) => filter),
    listed,
  )
  const matched = new Map<RoomNid, { room: UserRoom; configs: RoomConfig[]; lists: string[] }>()
  const match = (room: UserRoom, config: RoomConfig, list?: string): void => {
    const chosen = matched.get(room.roomNid) ?? { room, configs: [], lists: [] }
    matched.set(room.roomNid, chosen)
    chosen.configs.push(config)
    if (list !== undefined) chosen.lists.push(list)
  }
  lists.forEach(([key, list], index) => {
    for (const room of windowOf(list, filtered[index]!)) match(room, list.config, key)
  })
  for (const [roomNid, config] of subscriptions) {
    const room = visible.get(roomNid)
    if (room) match(room, config)
  }
  return {
    counts: new Map(lists.map(([key], index) => [key, filtered[index]!.length])),
    rooms: new Map(combined(matched, subscriptions)),
  }
}

function* combined(
  matched: ReadonlyMap<RoomNid, { room: UserRoom; configs: RoomConfig[]; lists: string[] }>,
  subscriptions: ReadonlyMap<RoomNid, RoomConfig>,
): Iterable<[RoomNid, ChosenRoom]> {
  // Most rooms match the same lists, and so have one config together.
  const known = new Map<string, CombinedConfig>()
  const numbers = new Map<string, number>()
  for (const [roomNid, { room, configs, lists }] of matched) {
    const key = configs.map((config) => numberOf(numbers, config)).join(' ')
    const config = known.get(key) ?? combineConfigs(configs)
    known.set(key, config)
    if (known.size > MAX_COMBINATIONS || patternsOf(config) > MAX_PATTERNS_OF_ROOM) {
      throw new MatrixError(400, 'M_INVALID_PARAM', 'The lists overlap in too many ways')
    }
    yield [roomNid, { room, config, lists, subscribed: subscriptions.has(roomNid) }]
  }
}

function patternsOf({ state }: CombinedConfig): number {
  return state.reduce((sum, { include, exclude }) => sum + include.length + exclude.length, 0)
}

function numberOf(numbers: Map<string, number>, { timelineLimit, state }: RoomConfig): number {
  const text = `${timelineLimit} ${stateText(state)}`
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  return number
}

function windowOf({ ranges }: ListRequest, rooms: readonly UserRoom[]): Iterable<UserRoom> {
  if (!ranges) return rooms
  return new Set(ranges.flatMap(([first, last]) => rooms.slice(first, last + 1)))
}
