import { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { RoomNid } from '../numeric-ids.ts'
import { NumberedNames } from './numbered-names.ts'
import { tableNames } from './table-names.ts'

/** About what one entry with a short version string takes. */
const VERSIONS_BYTES_PER_ENTRY = 100

/** A room is already known with another version than the one given: somebody is mistaken, or lies. */
export class RoomVersionConflict extends Error {
  override readonly name = 'RoomVersionConflict'
}

/** Rooms with their numbers and versions. A version, once known, never changes. */
export class RoomNames {
  readonly names: NumberedNames<RoomNid>
  readonly #pool: Pick<Pool, 'query'>
  readonly #versions: LRUCache<RoomNid, string>

  constructor(pool: Pick<Pool, 'query'>, cacheBytes: number) {
    this.#pool = pool
    const table = { table: 'room', nid: 'room_nid', name: 'room_id', type: 'text' } as const
    this.names = new NumberedNames<RoomNid>(tableNames(pool, table), cacheBytes)
    this.#versions = new LRUCache({
      maxSize: Math.max(1, Math.floor(cacheBytes / VERSIONS_BYTES_PER_ENTRY)),
      sizeCalculation: () => 1,
    })
  }

  /** The version of a room if the cache has it. */
  peekVersion(roomNid: RoomNid): string | undefined {
    return this.#versions.get(roomNid)
  }

  /** The version of a room; undefined while none is known, as for rooms of which only an invite was seen. */
  async versionOf(roomNid: RoomNid): Promise<string | undefined> {
    const known = this.#versions.get(roomNid)
    if (known !== undefined) return known
    const { rows } = await this.#pool.query<{ room_version: string | null }>({
      name: 'intern-room-version',
      text: 'SELECT room_version FROM room WHERE room_nid = $1',
      values: [roomNid],
    })
    const version = rows[0]?.room_version ?? undefined
    if (version !== undefined) this.#versions.set(roomNid, version)
    return version
  }

  /**
   * The number of a room, which is created when it has none; a version that was not known yet is stored.
   *
   * @throws RoomVersionConflict when the room is known with another version.
   * @throws UnnameableError
   */
  async intern(roomId: string, version: string | undefined): Promise<RoomNid> {
    const roomNid = await this.names.intern(roomId)
    if (version === undefined || this.#versions.get(roomNid) === version) return roomNid
    if (this.#versions.get(roomNid) === undefined) {
      await this.#pool.query({
        name: 'intern-room-set-version',
        text: 'UPDATE room SET room_version = $2 WHERE room_nid = $1 AND room_version IS NULL',
        values: [roomNid, version],
      })
    }
    if ((await this.versionOf(roomNid)) !== version) {
      throw new RoomVersionConflict('the room is known with another room version')
    }
    return roomNid
  }
}
