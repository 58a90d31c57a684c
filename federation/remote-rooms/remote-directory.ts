import type { RemoteDirectory, RemoteSpace } from '../../homeserver/directory/remote-directory.ts'
import {
  compareSpaceChildren,
  readSpaceChild,
  SPACE_CHILD,
} from '../../homeserver/directory/hierarchy/space-child.ts'
import { readRemoteSummary } from '../../homeserver/directory/summaries/read-remote-summary.ts'
import { publishedRoomJson } from '../../homeserver/directory/summaries/summary-json.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { RemoteHierarchy } from '../client/operations/directory.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'

/** Servers that are asked about one room; whoever names some names a few. */
const MAX_SERVERS = 5
/** Rooms of a page that another server gives; it was asked for so many at most. */
const MAX_ROOMS = 500

/** Children of one space, as of those that this server is in. */
const MAX_CHILDREN = 2_000

/** The directories and spaces of other servers, over federation. */
export function createRemoteDirectory({ client }: Pick<RemoteRoomDependencies, 'client'>): RemoteDirectory {
  return {
    async publicRooms(serverName, { limit, since, searchTerm, roomTypes }) {
      try {
        const page = await client.publicRooms(serverName, {
          limit: Math.min(limit ?? MAX_ROOMS, MAX_ROOMS),
          ...(since !== undefined && { since }),
          filter: {
            ...(searchTerm !== undefined && { generic_search_term: searchTerm }),
            ...(roomTypes !== undefined && { room_types: [...roomTypes] }),
          },
        })
        const { nextBatch, prevBatch, totalRoomCountEstimate: totalEstimate } = page
        const rooms = page.chunk.slice(0, MAX_ROOMS).map(readRemoteSummary)
        const chunk = rooms.filter((room) => room !== undefined).map(publishedRoomJson)
        return { chunk, nextBatch, prevBatch, totalEstimate }
      } catch (error) {
        if (!(error instanceof FederationRequestError)) throw error
        throw new MatrixError(502, 'M_UNKNOWN', `${serverName} does not tell its public rooms.`)
      }
    },

    async space(roomId, servers, suggestedOnly, signal) {
      for (const server of servers.slice(0, MAX_SERVERS)) {
        if (signal.aborted) return undefined
        try {
          const space = readSpace(roomId, await client.getHierarchy(server, roomId, suggestedOnly, signal))
          if (space) return space
        } catch (error) {
          if (!(error instanceof FederationRequestError)) throw error
        }
      }
      return undefined
    },
  }
}

function readSpace(roomId: string, answer: RemoteHierarchy): RemoteSpace | undefined {
  const summary = readRemoteSummary(answer.room)
  if (summary?.roomId !== roomId) return undefined
  const children = ownValue(answer.room, 'children_state')
  const summaries = answer.children.map(readRemoteSummary).filter((child) => child !== undefined)
  return {
    summary,
    children: (Array.isArray(children) ? children : [])
      .slice(0, MAX_CHILDREN)
      .filter(isJsonObject)
      .map(readChild)
      .filter((child) => child !== undefined)
      .sort(compareSpaceChildren),
    childSummaries: new Map(summaries.map((child) => [child.roomId, child])),
    inaccessible: new Set(answer.inaccessibleChildren),
  }
}

function readChild(event: JsonObject) {
  const [type, stateKey, sender, content, time] = [
    'type',
    'state_key',
    'sender',
    'content',
    'origin_server_ts',
  ].map((key) => ownValue(event, key))
  if (type !== SPACE_CHILD || typeof stateKey !== 'string' || !isJsonObject(content)) return undefined
  if (typeof sender !== 'string' || !isUserId(sender)) return undefined
  if (typeof time !== 'number' || !Number.isSafeInteger(time)) return undefined
  return readSpaceChild({ stateKey, sender, content, originServerTs: time })
}
