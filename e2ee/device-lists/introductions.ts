import { roomsJoinedBefore } from '../../storage/e2ee/introductions.ts'
import { noteIntroduction } from '../../storage/e2ee/introduction-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { Committer } from '../../storage/position/committer.ts'
import { serversInRoom } from '../../storage/rooms/membership-reader.ts'

/** Servers of one room that are introduced to; more are in no room that is known. */
const MAX_SERVERS = 50_000

/** What introductions are decided with. */
export interface IntroductionServices {
  readonly serverName: string
  readonly queries: Queries
  readonly committer: Pick<Committer, 'submit'>
  /** The other servers with anybody in any of some rooms. */
  serversIn(roomNids: readonly RoomNid[]): Promise<ReadonlySet<string>>
}

/**
 * The servers of a room that share no other room with a user who has come there, of those the user was in before:
 * they have not heard of the user's devices (server-server API, "Device Management").
 */
export async function serversMetIn(
  services: Omit<IntroductionServices, 'committer'>,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<Set<string>> {
  const { queries, serversIn, serverName } = services
  const there = await serversInRoom(queries, roomNid, MAX_SERVERS)
  const others = there.filter((server) => server !== serverName)
  if (others.length === 0) return new Set()
  const known = await serversIn(await roomsJoinedBefore(queries, userNid, roomNid))
  return new Set(others.filter((server) => !known.has(server)))
}

/** Has the servers told that a user meets in a room. Stored when it resolves; twice is like once. */
export async function introduce(
  services: IntroductionServices,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<void> {
  if ((await serversMetIn(services, userNid, roomNid)).size === 0) return
  await noteIntroduction(services.committer, userNid, roomNid)
}
