import type { Logger } from 'pino'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { copiesSettings } from '../rooms/actions/upgrade-room/copy-settings.ts'
import { watchMoves } from '../rooms/actions/upgrade-room/watch-moves.ts'

/** Has users' settings follow them into rooms that replace others. */
export function followMoves(rooms: RoomActions, log: Logger): void {
  rooms.moved.push(copiesSettings(rooms.services))
  watchMoves(rooms, (error) => log.warn({ err: error }, 'settings did not follow a room to its successor'))
}
