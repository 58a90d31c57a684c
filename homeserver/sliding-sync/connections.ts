import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import {
  advanceConnection,
  beginConnection,
  readConnection,
  touchConnection,
  type ConnectionChange,
  type ConnectionOwner,
  type ConnectionPlace,
} from '../../storage/sliding-sync/connection-store.ts'
import { deviceScope } from '../accounts/device-scope.ts'
import type { ReadServices } from '../history/read-services.ts'
import { changeOf, NOTHING_SENT, stateOf, type ConnectionState } from './sent-room.ts'
import type { SlidingRequest } from './sliding-request.ts'
import { unknownPos } from './sliding-token.ts'

/** Element X holds three; more of them make room by age. */
const MAX_CONNECTIONS_OF_DEVICE = 10
/** A connection that nobody used for so long has more to catch up with than to begin with. */
export const CONNECTION_KEPT_MS = 7 * 24 * 3_600_000
/** How exactly it is known when a connection was used last. */
const TOUCH_INTERVAL_MS = 3_600_000
/** Rooms of all connections in memory; about 200 bytes each. Others are read again. */
const MAX_CACHED_ROOMS = 200_000
/** What all rooms of a connection share is written with each of its positions. */
const MAX_SHARED_BYTES = 256 * 1024

/** A connection as a request finds it. */
export interface OpenConnection {
  /** Undefined for one that begins. */
  readonly place: ConnectionPlace | undefined
  readonly state: ConnectionState
  /** How long it has not been used, in milliseconds; exact to the hour. */
  readonly idleMs: number
}

/** A connection in memory, at its positions that live. What was sent up to a position never changes. */
interface Kept {
  readonly owner: string
  readonly states: ReadonlyMap<number, ConnectionState>
  lastUsed: number
}

/** The connections of sliding sync: rows, and those in use in memory. */
export class Connections {
  readonly #queries: ReadServices['queries']
  readonly #now: () => number
  /** By connection. */
  readonly #kept = new LRUCache<number, Kept>({
    maxSize: MAX_CACHED_ROOMS,
    sizeCalculation: ({ states }) => 1 + Math.max(...Array.from(states.values(), ({ rooms }) => rooms.size)),
  })

  constructor({ queries, now }: Pick<ReadServices, 'queries' | 'now'>) {
    this.#queries = queries
    this.#now = now
  }

  /** The connection that a request goes on with. @throws MatrixError 400 M_UNKNOWN_POS for one that has ended. */
  async open(request: SlidingRequest): Promise<OpenConnection> {
    if (!request.since) return { place: undefined, state: NOTHING_SENT, idleMs: 0 }
    const { place } = request.since
    const kept = await this.#keptAt(ownerOf(request), place)
    const now = this.#now()
    const idleMs = now - kept.lastUsed
    if (idleMs > CONNECTION_KEPT_MS) throw unknownPos()
    if (idleMs > TOUCH_INTERVAL_MS) {
      kept.lastUsed = now
      await touchConnection(this.#queries, place.connectionNid, now)
    }
    return { place, state: kept.states.get(place.position)!, idleMs }
  }

  /**
   * Stores what an answer has sent.
   *
   * @param changed rooms whose part is new; undefined where nothing is.
   * @returns where the connection stands now.
   * @throws MatrixError 400 M_UNKNOWN_POS when another request has moved it on meanwhile.
   */
  async save(
    request: SlidingRequest,
    { place: from, state: before }: OpenConnection,
    next: { readonly state: ConnectionState; readonly changed: readonly RoomNid[] } | undefined,
  ): Promise<ConnectionPlace> {
    if (from && !next) return from
    const owner = ownerOf(request)
    const state = next?.state ?? before
    const change = changeOf(state, next?.changed ?? [])
    if (Buffer.byteLength(change.shared) > MAX_SHARED_BYTES) {
      throw new MatrixError(400, 'M_TOO_LARGE', 'The required states are too many or too long')
    }
    const now = this.#now()
    const place = from
      ? await advanceConnection(this.#queries, from, change, now)
      : await this.#begin(owner, change, now)
    if (!place) throw unknownPos()
    const states = new Map([[place.position, state]])
    if (from) states.set(from.position, before)
    this.#keep(place, { owner: nameOf(owner), states, lastUsed: now })
    return place
  }

  async #begin(owner: ConnectionOwner, change: ConnectionChange, now: number): Promise<ConnectionPlace> {
    const { place, ended } = await beginConnection(
      this.#queries,
      owner,
      change,
      MAX_CONNECTIONS_OF_DEVICE,
      now,
    )
    for (const connectionNid of ended) this.#kept.delete(connectionNid)
    return place
  }

  async #keptAt(owner: ConnectionOwner, place: ConnectionPlace): Promise<Kept> {
    const { connectionNid, position } = place
    const known = this.#kept.get(connectionNid)
    if (known && known.owner !== nameOf(owner)) throw unknownPos()
    if (known?.states.has(position)) return known
    const stored = await readConnection(this.#queries, owner, place)
    if (!stored) throw unknownPos()
    const states = new Map([[position, stateOf(stored)]])
    const kept = { owner: nameOf(owner), states, lastUsed: stored.lastUsed }
    this.#keep(place, kept)
    return kept
  }

  /** Answers that are stored one after another may come here in another order: the newest position stays. */
  #keep({ connectionNid, position }: ConnectionPlace, kept: Kept): void {
    const known = this.#kept.peek(connectionNid)
    if (known && Math.max(...known.states.keys()) > position) return
    this.#kept.set(connectionNid, kept)
  }
}

function ownerOf({ viewer, connId }: SlidingRequest): ConnectionOwner {
  return {
    userNid: viewer.userNid,
    deviceId: deviceScope(viewer.deviceId),
    connIdHash: createHash('sha256').update(connId).digest(),
  }
}

function nameOf({ userNid, deviceId, connIdHash }: ConnectionOwner): string {
  return `${userNid}/${connIdHash.toString('base64url')}/${deviceId}`
}
