import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import { forgottenRooms, type UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { ChangeSource } from './change-source.ts'
import { roomMatcher } from './match-event.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'

/** One room of an answer, before anything of it is loaded. */
export interface RoomPlan {
  readonly roomNid: RoomNid
  readonly roomId: string
  readonly room: UserRoom
  readonly section: 'join' | 'leave'
  /** What the client has seen of the room; undefined for nothing. */
  readonly after: StreamPosition | undefined
  /** The end of the answer, or of the user's stay. */
  readonly upTo: StreamPosition
  /** Whether the state is sent as a whole. */
  readonly whole: boolean
  readonly newlyJoined: boolean
}

/** Which rooms an answer may speak of, and in which way. */
export interface Skeleton {
  readonly rooms: readonly RoomPlan[]
  readonly invited: readonly UserRoom[]
  readonly knocked: readonly UserRoom[]
  readonly roomIds: ReadonlyMap<RoomNid, string>
}

/** What of a user's rooms has changed beside the rooms' own stream. */
export interface OtherNews {
  readonly accountData: ReadonlySet<RoomNid>
  /** Rooms whose typing users changed, among those asked for. */
  readonly typing: (roomIds: ReadonlyMap<RoomNid, string>) => ReadonlySet<RoomNid>
}

/**
 * Sorts a user's rooms into the sections of an answer up to `head`.
 *
 * @param all the user's rooms as they are at `head`.
 */
export async function planRooms(
  services: Pick<SyncServices, 'queries' | 'interner' | 'partial'>,
  source: ChangeSource,
  userNid: UserNid,
  all: readonly UserRoom[],
  request: SyncRequest,
  head: StreamPosition,
  news: OtherNews,
): Promise<Skeleton> {
  const since = request.since?.position
  const isNew = (room: UserRoom): boolean => since === undefined || isAfter(room.since, since)
  // Clients that want all members are told of a room when all of them are known (MSC3902).
  const wantsMembers = !request.filter.room.state.lazyLoadMembers
  const joined = all.filter(
    (room) => room.membership === 'join' && !(wantsMembers && services.partial.has(room.roomNid)),
  )
  const hasBecomeWhole = ({ roomNid }: UserRoom): boolean => {
    const completed = wantsMembers ? services.partial.completedAt(roomNid) : undefined
    return completed !== undefined && since !== undefined && isAfter(completed, since)
  }
  const left = all.filter(
    (room) => (room.membership === 'leave' || room.membership === 'ban') && wantsLeft(request, isNew(room)),
  )
  const invited = all.filter((room) => room.membership === 'invite' && isNew(room))
  const knocked = all.filter((room) => room.membership === 'knock' && isNew(room))

  const archived = left.filter((room) => since === undefined || !isAfter(room.since, since))
  const forgotten = archived.length > 0 ? await forgottenRooms(services.queries, userNid) : new Set<RoomNid>()
  const candidates = [
    ...joined,
    ...left.filter((room) => !archived.includes(room) || !forgotten.has(room.roomNid)),
  ]
  const roomIds = await services.interner.roomIds(
    [...candidates, ...invited, ...knocked].map((room) => room.roomNid),
  )
  const changed = since === undefined ? undefined : await changes(source, joined, since, head, roomIds, news)
  const isWanted = roomMatcher(request.filter.room)

  const rooms = candidates.flatMap((room): RoomPlan[] => {
    const roomId = roomIds.get(room.roomNid)
    if (roomId === undefined || !isWanted(roomId)) return []
    const place = { roomNid: room.roomNid, roomId, room }
    if (room.membership !== 'join') {
      const after = archived.includes(room) ? undefined : since
      return [
        {
          ...place,
          section: 'leave',
          after,
          upTo: room.since,
          whole: after === undefined,
          newlyJoined: false,
        },
      ]
    }
    const newlyJoined =
      since !== undefined && (isAfter(room.joinedAt ?? room.since, since) || hasBecomeWhole(room))
    const whole = since === undefined || newlyJoined || request.fullState
    if (!whole && !changed!.has(room.roomNid)) return []
    const after = newlyJoined ? undefined : since
    return [{ ...place, section: 'join', after, upTo: head, whole, newlyJoined }]
  })
  const isListed = (room: UserRoom): boolean => isWanted(roomIds.get(room.roomNid) ?? '')
  return { rooms, roomIds, invited: invited.filter(isListed), knocked: knocked.filter(isListed) }
}

function wantsLeft(request: SyncRequest, isNew: boolean): boolean {
  if (request.since !== undefined && isNew) return true
  return request.filter.room.includeLeave && (request.since === undefined || request.fullState)
}

async function changes(
  source: ChangeSource,
  joined: readonly UserRoom[],
  since: StreamPosition,
  head: StreamPosition,
  roomIds: ReadonlyMap<RoomNid, string>,
  news: OtherNews,
): Promise<ReadonlySet<RoomNid>> {
  const inStream = await source.changedRooms(
    joined.map((room) => room.roomNid),
    since,
    head,
  )
  return new Set([...inStream, ...news.accountData, ...news.typing(roomIds)])
}
