import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { target } from './target.ts'

/** Which page of a server's published rooms is wanted. */
export interface PublicRoomsQuestion {
  readonly limit: number
  readonly since?: string
  /** `generic_search_term` and `room_types` as the specification has them. */
  readonly filter?: JsonObject
}

export interface PublicRoomsPage {
  readonly chunk: readonly JsonObject[]
  readonly nextBatch: string | undefined
  readonly prevBatch: string | undefined
  readonly totalRoomCountEstimate: number | undefined
}

/** What a server tells of a space; nothing in here is verified. */
export interface RemoteHierarchy {
  readonly room: JsonObject
  readonly children: readonly JsonObject[]
  readonly inaccessibleChildren: readonly string[]
}

export interface DirectoryOperations {
  /** A page of published rooms (`POST /_matrix/federation/v1/publicRooms`). */
  publicRooms(destination: string, question: PublicRoomsQuestion): Promise<PublicRoomsPage>
  /** A space and its children (`GET /_matrix/federation/v1/hierarchy/{roomId}`); `signal` ends the request. */
  getHierarchy(
    destination: string,
    roomId: string,
    suggestedOnly: boolean,
    signal: AbortSignal,
  ): Promise<RemoteHierarchy>
}

const MAX_ROOMS = 5_000
/** A person waits for the list. */
const LIST_TIMEOUT_MS = 20_000
/** A person waits, and the space has other children. */
const SPACE_TIMEOUT_MS = 6_000

export function directoryOperations(transport: FederationTransport): DirectoryOperations {
  return {
    async publicRooms(destination, { limit, since, filter }) {
      const answer = await transport.request(destination, {
        method: 'POST',
        target: '/_matrix/federation/v1/publicRooms',
        timeoutMs: LIST_TIMEOUT_MS,
        body: {
          limit,
          ...(since === undefined ? {} : { since }),
          ...(filter === undefined ? {} : { filter }),
        },
      })
      const read = new Answer(destination, answer)
      return {
        chunk: read.objects('chunk', MAX_ROOMS),
        nextBatch: read.optionalString('next_batch'),
        prevBatch: read.optionalString('prev_batch'),
        totalRoomCountEstimate: read.optionalInteger('total_room_count_estimate'),
      }
    },

    async getHierarchy(destination, roomId, suggestedOnly, signal) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/hierarchy', [roomId], { suggested_only: suggestedOnly }),
        timeoutMs: SPACE_TIMEOUT_MS,
        signal,
      })
      const read = new Answer(destination, answer)
      return {
        room: read.object('room'),
        children: read.objects('children', MAX_ROOMS),
        inaccessibleChildren: read.strings('inaccessible_children', MAX_ROOMS),
      }
    },
  }
}
