import type { Logger } from 'pino'
import type { PublishedRooms } from '../directory/public-rooms/published-rooms.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { copiesSettings } from '../rooms/actions/upgrade-room/copy-settings.ts'
import type { RoomMovedListener } from '../rooms/actions/upgrade-room/room-moved.ts'
import { watchMoves } from '../rooms/actions/upgrade-room/watch-moves.ts'
import { watchDepartures } from '../rooms/actions/watch-departures.ts'
import { watchGuestAccess } from '../rooms/actions/watch-guest-access.ts'

/**
 * Has what belongs to rooms beside their events follow them: settings and the place in the directory into rooms that
 * replace others, guests out of rooms that take none any more, and rooms that were left out of sight.
 */
export function watchRooms(rooms: RoomActions, published: PublishedRooms, log: Logger): void {
  rooms.moved.push(copiesSettings(rooms.services), movesListing(rooms, published))
  watchMoves(rooms, (error) => log.warn({ err: error }, 'settings did not follow a room to its successor'))
  watchDepartures(rooms, (error) => log.warn({ err: error }, 'a room that was left was not forgotten'))
  watchGuestAccess(rooms, (error) => log.warn({ err: error }, 'guests stayed in a room that takes none'))
}

function movesListing({ services }: RoomActions, published: PublishedRooms): RoomMovedListener {
  return {
    roomMoved: async ({ oldRoomId, newRoomId }) => {
      const rooms = await services.interner.findRooms([oldRoomId, newRoomId])
      const [from, to] = [rooms.get(oldRoomId), rooms.get(newRoomId)]
      if (from === undefined || to === undefined || !published.isPublished(from)) return
      await published.publish(to)
      await published.unpublish(from)
    },
  }
}
