import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { DirectoryStart } from '../../../storage/directory/published-rooms-page.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'

const TOKEN = /^(?<side>[np])(?<joined>\d{1,15})_(?<room>\d{1,15})$/

/** The token of the page that begins after a place, or ends before it. It holds as long as the directory does. */
export function pageToken({ side, place }: DirectoryStart): string {
  return `${side === 'after' ? 'n' : 'p'}${place.joined}_${place.roomNid}`
}

/** Where a page begins. @throws MatrixError 400 M_INVALID_PARAM for what is no token of this server. */
export function parsePageToken(token: string): DirectoryStart {
  const groups = TOKEN.exec(token)?.groups
  if (!groups) throw new MatrixError(400, 'M_INVALID_PARAM', '`since` is no token of this server')
  return {
    side: groups['side'] === 'n' ? 'after' : 'before',
    place: { joined: Number(groups['joined']), roomNid: Number(groups['room']) as RoomNid },
  }
}
