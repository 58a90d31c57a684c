import type { RoomServices } from '../../homeserver/rooms/room-services.ts'
import { findAlias } from '../../storage/rooms/aliases.ts'
import type { AliasSource } from './routes/query-directory.ts'
import { serversOfRoom } from '../../homeserver/rooms/partial-state/servers-of-room.ts'

/** Servers of a room that are told with its id; enough to find one that answers. */
const MAX_SERVERS = 50

/** The aliases of this server, from its database. */
export function localAliases(services: RoomServices): AliasSource {
  const { queries, interner, serverName } = services
  return {
    async resolveAlias(alias) {
      const found = alias.includes('\0') ? undefined : await findAlias(queries, alias)
      if (!found) return undefined
      const roomId = (await interner.roomIds([found.roomNid])).get(found.roomNid)
      if (roomId === undefined) return undefined
      const servers = await serversOfRoom(services, found.roomNid, MAX_SERVERS)
      return { roomId, servers: servers.length > 0 ? servers : [serverName] }
    },
  }
}
