import type { Pool } from 'pg'
import type { RoomNid, ServerNid, StateKeyNid, TypeNid, UserNid } from '../numeric-ids.ts'
import { NumberedNames } from './numbered-names.ts'
import { RoomNames } from './room-names.ts'
import { tableNames } from './table-names.ts'
import { userNames } from './user-names.ts'

/** Shared by the five caches as below; about 250,000 names. */
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024
/** State keys are mostly user ids; servers and types are few. */
const SHARES = { users: 0.35, stateKeys: 0.35, rooms: 0.2, servers: 0.05, types: 0.05 }

/**
 * Numbers for identifiers (DESIGN §3.6). A number is created and committed in a statement of its own, never in the
 * caller's transaction, so it may be used at once and cached for ever; a number that nothing uses does no harm.
 * What creates throws {@link UnnameableError} for names that cannot be stored; what finds gives undefined, or
 * leaves them out of the map. The `peek` methods look only in memory.
 */
export class Interner {
  readonly #users: NumberedNames<UserNid>
  readonly #servers: NumberedNames<ServerNid>
  readonly #types: NumberedNames<TypeNid>
  readonly #stateKeys: NumberedNames<StateKeyNid>
  readonly #rooms: RoomNames

  constructor(pool: Pick<Pool, 'query'>, options: { cacheBytes?: number } = {}) {
    const bytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES
    const server = { table: 'server', nid: 'server_nid', name: 'server_name', type: 'text' } as const
    const type = { table: 'event_type', nid: 'type_nid', name: 'type', type: 'bytea' } as const
    const stateKey = { table: 'state_key', nid: 'state_key_nid', name: 'state_key', type: 'bytea' } as const
    this.#servers = new NumberedNames(tableNames<ServerNid>(pool, server), bytes * SHARES.servers)
    this.#users = new NumberedNames(userNames(pool, this.#servers), bytes * SHARES.users)
    this.#types = new NumberedNames(tableNames<TypeNid>(pool, type), bytes * SHARES.types)
    this.#stateKeys = new NumberedNames(tableNames<StateKeyNid>(pool, stateKey), bytes * SHARES.stateKeys)
    this.#rooms = new RoomNames(pool, bytes * SHARES.rooms)
  }

  /** Finds or creates. */
  userNid(userId: string): Promise<UserNid> {
    return this.#users.intern(userId)
  }
  /** Finds or creates all of them. */
  userNids(userIds: Iterable<string>): Promise<Map<string, UserNid>> {
    return this.#users.internMany(userIds)
  }
  findUserNid(userId: string): Promise<UserNid | undefined> {
    return this.#users.find(userId)
  }
  findUserNids(userIds: Iterable<string>): Promise<Map<string, UserNid>> {
    return this.#users.findMany(userIds)
  }
  userIds(nids: Iterable<UserNid>): Promise<Map<UserNid, string>> {
    return this.#users.namesOf(nids)
  }
  peekUserNid(userId: string): UserNid | undefined {
    return this.#users.peekNid(userId)
  }
  peekUserId(nid: UserNid): string | undefined {
    return this.#users.peekName(nid)
  }

  /** Finds or creates. */
  serverNid(serverName: string): Promise<ServerNid> {
    return this.#servers.intern(serverName)
  }
  /** Finds or creates all of them. */
  serverNids(serverNames: Iterable<string>): Promise<Map<string, ServerNid>> {
    return this.#servers.internMany(serverNames)
  }
  findServerNid(serverName: string): Promise<ServerNid | undefined> {
    return this.#servers.find(serverName)
  }
  serverNames(nids: Iterable<ServerNid>): Promise<Map<ServerNid, string>> {
    return this.#servers.namesOf(nids)
  }
  peekServerNid(serverName: string): ServerNid | undefined {
    return this.#servers.peekNid(serverName)
  }

  /**
   * Finds or creates a room. `roomVersion` is undefined while only an invite or a knock is known.
   *
   * @throws RoomVersionConflict when the room is known with another version.
   */
  roomNid(roomId: string, roomVersion: string | undefined): Promise<RoomNid> {
    return this.#rooms.intern(roomId, roomVersion)
  }
  findRoomNid(roomId: string): Promise<RoomNid | undefined> {
    return this.#rooms.names.find(roomId)
  }
  findRooms(roomIds: Iterable<string>): Promise<Map<string, RoomNid>> {
    return this.#rooms.names.findMany(roomIds)
  }
  roomIds(nids: Iterable<RoomNid>): Promise<Map<RoomNid, string>> {
    return this.#rooms.names.namesOf(nids)
  }
  /** The version of a room, or undefined while none is known. */
  roomVersionOf(nid: RoomNid): Promise<string | undefined> {
    return this.#rooms.versionOf(nid)
  }
  peekRoomNid(roomId: string): RoomNid | undefined {
    return this.#rooms.names.peekNid(roomId)
  }
  peekRoomId(nid: RoomNid): string | undefined {
    return this.#rooms.names.peekName(nid)
  }
  peekRoomVersion(nid: RoomNid): string | undefined {
    return this.#rooms.peekVersion(nid)
  }

  /** Finds or creates. */
  typeNid(type: string): Promise<TypeNid> {
    return this.#types.intern(type)
  }
  /** Finds or creates all of them. */
  typeNids(types: Iterable<string>): Promise<Map<string, TypeNid>> {
    return this.#types.internMany(types)
  }
  findTypeNid(type: string): Promise<TypeNid | undefined> {
    return this.#types.find(type)
  }
  findTypeNids(types: Iterable<string>): Promise<Map<string, TypeNid>> {
    return this.#types.findMany(types)
  }
  types(nids: Iterable<TypeNid>): Promise<Map<TypeNid, string>> {
    return this.#types.namesOf(nids)
  }
  peekTypeNid(type: string): TypeNid | undefined {
    return this.#types.peekNid(type)
  }
  peekType(nid: TypeNid): string | undefined {
    return this.#types.peekName(nid)
  }

  /** Finds or creates. */
  stateKeyNid(stateKey: string): Promise<StateKeyNid> {
    return this.#stateKeys.intern(stateKey)
  }
  /** Finds or creates all of them. */
  stateKeyNids(stateKeys: Iterable<string>): Promise<Map<string, StateKeyNid>> {
    return this.#stateKeys.internMany(stateKeys)
  }
  findStateKeyNid(stateKey: string): Promise<StateKeyNid | undefined> {
    return this.#stateKeys.find(stateKey)
  }
  findStateKeyNids(stateKeys: Iterable<string>): Promise<Map<string, StateKeyNid>> {
    return this.#stateKeys.findMany(stateKeys)
  }
  stateKeys(nids: Iterable<StateKeyNid>): Promise<Map<StateKeyNid, string>> {
    return this.#stateKeys.namesOf(nids)
  }
  peekStateKeyNid(stateKey: string): StateKeyNid | undefined {
    return this.#stateKeys.peekNid(stateKey)
  }
  peekStateKey(nid: StateKeyNid): string | undefined {
    return this.#stateKeys.peekName(nid)
  }
}
