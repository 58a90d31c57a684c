import type { Membership } from '../../../protocol/auth-rules/membership.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { Actor } from '../../rooms/actions/actor.ts'
import { findRoom } from '../../rooms/actions/find-room.ts'
import { knownServers } from '../../rooms/actions/servers-to-ask.ts'
import type { Directory } from '../directory.ts'
import { RemoteLookups } from '../hierarchy/remote-lookups.ts'
import { loadSummaries } from './load-summaries.ts'
import { isOpenToAll, loadMemberships, mayUserSee } from './room-access.ts'
import type { RoomSummary } from './room-summary.ts'

/** A room, and what the user who asks has to do with it. */
export interface SummaryForUser {
  readonly summary: RoomSummary
  /** Undefined for who is not logged in. */
  readonly membership: Membership | undefined
}

/**
 * The summary of a room (client-server API, `GET /room_summary/{roomIdOrAlias}`). Other servers are asked only for
 * users of this one.
 *
 * @param user undefined for who is not logged in, who sees only what is open to everybody.
 * @param via servers that may be in the room.
 * @throws MatrixError 404 M_NOT_FOUND for a room that does not exist, or that the user may not see.
 */
export async function summariseRoom(
  directory: Directory,
  user: Actor | undefined,
  idOrAlias: string,
  via: readonly string[],
): Promise<SummaryForUser> {
  const { actions } = directory
  const { services } = actions
  const { roomId, servers } = await findRoom(user ? actions : { ...actions, remote: undefined }, idOrAlias)
  const roomNid = await services.interner.findRoomNid(roomId)
  const local = roomNid === undefined ? undefined : (await loadSummaries(services, [roomNid])).get(roomNid)
  const summary = local ?? (user && (await askOthers(directory, roomId, [...via, ...servers])))
  if (!summary) throw notFound()
  if (!user) {
    if (!isOpenToAll(summary)) throw notFound()
    return { summary, membership: undefined }
  }
  const memberships = await loadMemberships(services, user, [summary])
  if (!mayUserSee(summary, memberships)) throw notFound()
  return { summary, membership: memberships.get(roomId) ?? 'leave' }
}

async function askOthers(
  { actions, remote, remoteSpaces }: Directory,
  roomId: string,
  servers: readonly string[],
): Promise<RoomSummary | undefined> {
  if (!remote) return undefined
  const via = [...new Set([...servers, ...(await knownServers(actions, roomId))])]
  return (await new RemoteLookups(remote, remoteSpaces, false).find({ roomId, via }))?.summary
}

function notFound(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such room, or none that you may see')
}
