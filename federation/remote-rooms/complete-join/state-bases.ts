import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { partialEvents } from '../../../storage/partial-joins/partial-joins.ts'

/** What has to be told before a room can become whole. */
export interface WantedStates {
  /** Events that are not here, before joins through other servers and the like: the states after them, newest first. */
  readonly causes: readonly string[]
  /** Those of them without which the room cannot become whole: the causes of the newest join. */
  readonly required: ReadonlySet<string>
  /** The servers of those who sent what came meanwhile. */
  readonly servers: ReadonlySet<string>
}

const EVENTS_PER_READ = 500

/** What came while a room was partially joined leans on states that are not known here; which ones. */
export async function wantedStates(services: RoomServices, room: OpenRoom): Promise<WantedStates> {
  const nids = await partialEvents(services.queries, room.head.roomNid)
  const causes: string[] = []
  const servers = new Set<string>()
  let required: readonly string[] = []
  for (let from = 0; from < nids.length; from += EVENTS_PER_READ) {
    const page = [...(await room.eventsByNid(nids.slice(from, from + EVENTS_PER_READ))).values()]
    const known = await room.events(page.flatMap(({ event }) => event.prevEvents))
    for (const { event } of page) {
      servers.add(serverOf(event.sender))
      const missing = event.prevEvents.filter((id) => known.get(id)?.stateAfter === undefined)
      causes.push(...missing)
      if (missing.length > 0 && serverOf(event.sender) === services.serverName) required = missing
    }
  }
  return { causes: [...new Set(causes)].toReversed(), required: new Set(required), servers }
}
