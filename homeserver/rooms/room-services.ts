import type { Signer } from '../../protocol/events/sign.ts'
import type { Queries } from '../../storage/database.ts'
import type { EventNids } from '../../storage/events/event-nids.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { ErasedUsers } from '../accounts/erased-users.ts'
import type { PushAudience } from '../push/push-audience.ts'
import type { StateTrie } from '../../storage/state-trie/state-trie.ts'
import type { AuthCovers } from './resolution/auth-covers.ts'
import type { PartialRooms } from './partial-state/partial-rooms.ts'

/** What the rooms stand on; built once, in `homeserver/context.ts`. */
export interface RoomServices {
  readonly serverName: string
  readonly signer: Signer
  readonly queries: Queries
  readonly committer: Committer
  readonly interner: Interner
  readonly trie: StateTrie
  readonly events: EventStore
  readonly eventNids: EventNids
  readonly audience: PushAudience
  readonly erasedUsers: ErasedUsers
  readonly partial: PartialRooms
  readonly authCovers: AuthCovers
  /** Milliseconds since the epoch. */
  now(): number
}
