import type { JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { ServerFailure } from '../keys/user-keys.ts'

/** A user's devices as their server tells of them; nothing in it has been checked but the types. */
export interface ToldDevices {
  readonly streamId: number
  readonly devices: readonly {
    readonly deviceId: string
    readonly displayName: string | undefined
    readonly keys: JsonObject | undefined
  }[]
  readonly masterKey: JsonObject | undefined
  readonly selfSigningKey: JsonObject | undefined
}

/** What device lists ask of other servers. Every promise may reject with the reason why nothing came. */
export interface DeviceListPeers {
  getUserDevices(serverName: string, userId: string): Promise<ToldDevices>
  queryUserKeys(
    serverName: string,
    wanted: ReadonlyMap<string, readonly string[]>,
    timeoutMs: number,
  ): Promise<JsonObject>
  /** What clients are told of a rejection. @throws what is no failure of another server. */
  failureOf(error: unknown): ServerFailure
}

/** What copies of other servers' device lists stand on. */
export interface RemoteListServices {
  readonly queries: Queries
  readonly interner: Interner
  readonly committer: Committer
  readonly peers: DeviceListPeers
  /** Whether a server's users may share rooms with ours that we do not know yet: we know not all of their members. */
  maySharePartly(serverName: string): boolean
  /** Has {@link RemoteDeviceLists.resync} done later, once for any number of calls for a user that wait. */
  scheduleResync(userId: string): Promise<void>
}
