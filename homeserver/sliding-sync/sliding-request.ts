import type { JsonObject } from '../../protocol/json/value.ts'
import type { Viewer } from '../history/read-services.ts'
import type { RoomConfig } from './required-state.ts'
import type { SlidingToken } from './sliding-token.ts'

/** Rooms of a list from the first to the last place, both included, counted from 0. */
export type Range = readonly [first: number, last: number]

/** Which rooms a list holds (MSC4186, `SlidingRoomFilter`); absent fields restrict nothing. */
export interface RoomFilter {
  readonly isDm?: boolean
  readonly isEncrypted?: boolean
  readonly isInvited?: boolean
  /** Rooms that these spaces name as their children. */
  readonly spaces?: readonly string[]
  /** Null stands for rooms without a type. */
  readonly roomTypes?: readonly (string | null)[]
  readonly notRoomTypes?: readonly (string | null)[]
  readonly tags?: readonly string[]
  readonly notTags?: readonly string[]
  /** A part of the room's name, in lower case. */
  readonly nameLike?: string
}

/** A list of rooms that a client looks at parts of. */
export interface ListRequest {
  readonly filter: RoomFilter
  /** Undefined for all rooms of the list. */
  readonly ranges: readonly Range[] | undefined
  readonly config: RoomConfig
}

/** Of which of the answer's rooms an extension is to speak: `*` stands for all. */
export interface ExtensionScope {
  readonly lists: readonly string[]
  readonly rooms: readonly string[]
}

/** The extensions that are switched on. */
export interface ExtensionRequests {
  readonly accountData?: ExtensionScope
  readonly receipts?: ExtensionScope
  readonly typing?: ExtensionScope
  /** Extensions that others provide, by their key: what the client asks of them. */
  readonly others: ReadonlyMap<string, JsonObject>
}

/** A sliding sync request, read and checked; the same for both wire forms. */
export interface SlidingRequest {
  readonly viewer: Viewer
  /** Tells the connections of a device apart. */
  readonly connId: string
  /** Undefined to begin the connection anew. */
  readonly since: SlidingToken | undefined
  readonly lists: ReadonlyMap<string, ListRequest>
  /** By room id. */
  readonly subscriptions: ReadonlyMap<string, RoomConfig>
  readonly extensions: ExtensionRequests
  /** How long to wait for news, in milliseconds. */
  readonly timeoutMs: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
}
