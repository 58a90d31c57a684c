import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { KeyStocks } from './key-stocks.ts'
import type { RemoteKeyClaims, RemoteKeys } from './user-keys.ts'

/** A user of this server, or another. */
export interface KeyUser {
  readonly userNid: UserNid
  readonly userId: string
}

/** Told, after the write, of changes that device lists speak of. */
export interface KeyListener {
  /** A device's keys, or with undefined the user's cross-signing keys, are other ones now. */
  keysChanged(user: KeyUser, deviceId: string | undefined): Promise<void>
  /** A user has signed others' keys, which only that user's devices see. */
  signaturesChanged(signer: KeyUser, targets: readonly KeyUser[]): Promise<void>
}

/** What keys stand on. */
export interface KeyServices {
  readonly serverName: string
  readonly queries: Queries
  readonly interner: Interner
  readonly stocks: KeyStocks
  readonly listener: KeyListener
  /** Undefined where keys of other servers' users cannot be asked for. */
  readonly remoteKeys: RemoteKeys | undefined
  readonly remoteClaims: RemoteKeyClaims
}
