import type { RemoteServers } from '../../homeserver/rooms/remote-servers.ts'
import type { OwnPolicy } from '../policy/own-policy.ts'
import { createPolicySigner } from '../policy/policy-signer.ts'
import { backfillRoom, type BackfillDependencies } from './backfill-room.ts'
import { inviteUser } from './invite-user.ts'
import { joinRoom } from './join-room.ts'
import { knockOnRoom } from './knock-on-room.ts'
import { leaveRoom } from './leave-room.ts'
import { queryProfile } from './query-profile.ts'
import { resolveAlias } from './resolve-alias.ts'
import { tryServers } from './try-servers.ts'

/**
 * What rooms need of other servers, over federation.
 *
 * @param ownPolicy where this server is a policy server.
 */
export function createRemoteServers(
  dependencies: BackfillDependencies,
  ownPolicy?: OwnPolicy,
): RemoteServers {
  const { serverName, log } = dependencies
  const attempts = (servers: readonly string[], what: string) => ({ serverName, servers, log, what })
  return {
    ...createPolicySigner({ ...dependencies, ownPolicy }),
    join: (roomId, userId, content, servers) =>
      tryServers(attempts(servers, 'join the room'), (server) =>
        joinRoom(dependencies, server, { roomId, userId, content, membership: 'join' }),
      ),
    leave: (roomId, userId, content, servers) =>
      tryServers(attempts(servers, 'leave the room'), (server) =>
        leaveRoom(dependencies, server, { roomId, userId, content, membership: 'leave' }),
      ),
    knock: (roomId, userId, content, servers) =>
      tryServers(attempts(servers, 'knock on the room'), (server) =>
        knockOnRoom(dependencies, server, { roomId, userId, content, membership: 'knock' }),
      ),
    invite: (event, strippedState) => inviteUser(dependencies, event, strippedState),
    resolveAlias: (alias) => resolveAlias(dependencies, alias),
    profile: (userId, field) => queryProfile(dependencies, userId, field),
    backfill: (roomId, from, limit) => backfillRoom(dependencies, roomId, from, limit),
  }
}
