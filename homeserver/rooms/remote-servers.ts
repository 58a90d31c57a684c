import type { JsonObject } from '../../protocol/json/value.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import type { PolicySigner } from './policy/policy-signer.ts'

/** A room as a server that is in it tells it to one that joins. */
export interface JoinedRoom {
  readonly version: RoomVersionId
  readonly joinEvent: SignedPdu
  readonly state: readonly SignedPdu[]
  readonly authChain: readonly SignedPdu[]
  /** The servers in the room, where the state was told without its members. */
  readonly membersOmitted?: { readonly servers: readonly string[] } | undefined
}

/** A leave or knock that a resident server has accepted, and the state it shows of the room. */
export interface RemoteMembership {
  readonly version: RoomVersionId
  readonly event: SignedPdu
  readonly strippedState: readonly JsonObject[]
}

/**
 * What rooms need of other servers. Rooms stand below federation, so this is named here and given by
 * `homeserver/context.ts`. Every method tries the servers named in turn, is bounded in time and throws a
 * `MatrixError` of our own wording when none of them helped.
 */
export interface RemoteServers extends PolicySigner {
  /** Joins through a resident server. `content` is the profile part of the membership event. */
  join(roomId: string, userId: string, content: JsonObject, servers: readonly string[]): Promise<JoinedRoom>
  leave(
    roomId: string,
    userId: string,
    content: JsonObject,
    servers: readonly string[],
  ): Promise<RemoteMembership>
  knock(
    roomId: string,
    userId: string,
    content: JsonObject,
    servers: readonly string[],
  ): Promise<RemoteMembership>
  /** Has the invited user's server sign an invite that we built; the event with its signature added. */
  invite(event: RoomEvent, strippedState: readonly RoomEvent[]): Promise<SignedPdu>
  /** The room that another server's alias names, and servers in it. Undefined when there is none. */
  resolveAlias(alias: string): Promise<{ roomId: string; servers: readonly string[] } | undefined>
  /** A remote user's profile, or one field of it. Undefined when the user has none. */
  profile(userId: string, field?: string): Promise<JsonObject | undefined>
  /** Fetches history before the events named and stores it; how many events came. */
  backfill(roomId: string, from: readonly string[], limit: number): Promise<number>
}
