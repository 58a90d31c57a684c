import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { target } from './target.ts'

/** Where an alias leads. */
export interface RemoteAlias {
  readonly roomId: string
  /** Servers through which the room can be joined; not all of them need be servers. */
  readonly servers: readonly string[]
}

export interface QueryOperations {
  /**
   * A user's profile (`GET /_matrix/federation/v1/query/profile`).
   *
   * @param field the only field wanted; all when left out.
   * @returns fields whose values another user chose.
   */
  queryProfile(destination: string, userId: string, field?: string): Promise<JsonObject>
  /** The room of an alias (`GET /_matrix/federation/v1/query/directory`). */
  queryDirectory(destination: string, roomAlias: string): Promise<RemoteAlias>
  /** Name and version of the software (`GET /_matrix/federation/v1/version`). */
  getVersion(destination: string): Promise<JsonObject>
}

/** A profile may have 64 KiB (client-server API, "Profiles"), and every byte may be escaped. */
const MAX_PROFILE_BYTES = 6 * 64 * 1024
const MAX_ALIAS_BYTES = 1024 * 1024
const MAX_ALIAS_SERVERS = 10_000

export function queryOperations(transport: FederationTransport): QueryOperations {
  return {
    queryProfile: (destination, userId, field) =>
      transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/query/profile', [], { user_id: userId, field }),
        maxAnswerBytes: MAX_PROFILE_BYTES,
      }),

    async queryDirectory(destination, roomAlias) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/query/directory', [], { room_alias: roomAlias }),
        maxAnswerBytes: MAX_ALIAS_BYTES,
      })
      const read = new Answer(destination, answer)
      return { roomId: read.string('room_id'), servers: read.strings('servers', MAX_ALIAS_SERVERS) }
    },

    async getVersion(destination) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: '/_matrix/federation/v1/version',
        signed: false,
        maxAnswerBytes: MAX_PROFILE_BYTES,
      })
      return new Answer(destination, answer).object('server')
    },
  }
}
