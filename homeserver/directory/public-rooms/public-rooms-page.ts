import type { Network } from '../../../storage/directory/network-rooms.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'

/** Which page of a server's published rooms is wanted (client-server API, `POST /publicRooms`). */
export interface PublicRoomsQuestion {
  /** The server's own bound when undefined. */
  readonly limit: number | undefined
  /** A token of an earlier page. */
  readonly since: string | undefined
  readonly searchTerm: string | undefined
  /** Types of rooms, `null` for rooms without; every type when undefined. */
  readonly roomTypes: readonly (string | null)[] | undefined
  /** The directory of one bridged network, or of everything together; the general one when undefined. */
  readonly network?: Network | 'all' | undefined
}

/** A page of published rooms. */
export interface PublicRoomsPage {
  readonly chunk: readonly JsonObject[]
  readonly nextBatch: string | undefined
  readonly prevBatch: string | undefined
  readonly totalEstimate: number | undefined
}

/** The page of a directory with nothing in it. */
export const NO_PUBLIC_ROOMS: PublicRoomsPage = {
  chunk: [],
  nextBatch: undefined,
  prevBatch: undefined,
  totalEstimate: 0,
}

/** The answer of `/publicRooms`, to clients and to servers. */
export function publicRoomsJson({ chunk, nextBatch, prevBatch, totalEstimate }: PublicRoomsPage): object {
  return {
    chunk,
    ...(nextBatch !== undefined && { next_batch: nextBatch }),
    ...(prevBatch !== undefined && { prev_batch: prevBatch }),
    ...(totalEstimate !== undefined && { total_room_count_estimate: totalEstimate }),
  }
}
