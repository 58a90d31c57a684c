import type { Queries } from '../../storage/database.ts'
import { noteIntroduction } from '../../storage/e2ee/introduction-write.ts'
import { roomsJoinedBefore } from '../../storage/e2ee/introductions.ts'
import { serversByRoom } from '../../storage/federation/servers-in-room.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { UserInRoom } from '../../storage/rooms/users-in-rooms.ts'

/** What introductions are decided with. */
export interface IntroductionServices {
  readonly serverName: string
  readonly queries: Queries
  readonly committer: Pick<Committer, 'submit'>
  /** The other servers with anybody in each of some rooms. */
  serversOfRooms(roomNids: Iterable<RoomNid>): Promise<ReadonlyMap<RoomNid, ReadonlySet<string>>>
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * The servers of rooms that share no other room with a user who has come there, of those the user was in before: they
 * have not heard of the user's devices (server-server API, "Device Management"). A few queries for all of them.
 *
 * @returns the servers in the order of `arrivals`.
 */
export async function serversMet(
  services: Omit<IntroductionServices, 'committer'>,
  arrivals: readonly UserInRoom[],
): Promise<ReadonlySet<string>[]> {
  const { queries, serverName } = services
  const there = await serversByRoom(queries, [...new Set(arrivals.map(({ roomNid }) => roomNid))])
  for (const servers of there.values()) servers.delete(serverName)
  const meeting = arrivals.filter(({ roomNid }) => (there.get(roomNid)?.size ?? 0) > 0)
  if (meeting.length === 0) return arrivals.map(() => NOBODY)
  const before = await roomsJoinedBefore(queries, meeting)
  const known = await services.serversOfRooms(new Set(before.flat()))
  const met = new Map(
    meeting.map((arrival, index) => {
      const servers = new Set(there.get(arrival.roomNid))
      for (const roomNid of before[index]!) {
        if (servers.size === 0) break
        for (const server of known.get(roomNid) ?? NOBODY) servers.delete(server)
      }
      return [arrival, servers]
    }),
  )
  return arrivals.map((arrival) => met.get(arrival) ?? NOBODY)
}

/** Has the servers told that users meet in rooms. Stored when it resolves; twice is like once. */
export async function introduce(
  services: IntroductionServices,
  arrivals: readonly UserInRoom[],
): Promise<void> {
  const met = await serversMet(services, arrivals)
  await Promise.all(
    arrivals
      .filter((_, index) => met[index]!.size > 0)
      .map(({ userNid, roomNid }) => noteIntroduction(services.committer, userNid, roomNid)),
  )
}
