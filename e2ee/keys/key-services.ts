import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { KeyStocks } from './key-stocks.ts'
import type { RemoteKeyClaims, RemoteKeys } from './user-keys.ts'

/** A user of this server, or another. */
export interface KeyUser {
  readonly userNid: UserNid
  readonly userId: string
}

/** What keys stand on. */
export interface KeyServices {
  readonly serverName: string
  readonly queries: Queries
  readonly interner: Interner
  readonly stocks: KeyStocks
  readonly committer: Pick<Committer, 'submit'>
  /** Undefined where keys of other servers' users cannot be asked for. */
  readonly remoteKeys: RemoteKeys | undefined
  readonly remoteClaims: RemoteKeyClaims
}
