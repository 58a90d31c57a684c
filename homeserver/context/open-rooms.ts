import type { Logger } from 'pino'
import type { Signer } from '../../protocol/events/sign.ts'
import type { Database } from '../../storage/database.ts'
import { EventNids } from '../../storage/events/event-nids.ts'
import { EventStore } from '../../storage/events/event-store.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { Committer } from '../../storage/position/committer.ts'
import { postgresNodeStore } from '../../storage/state-trie/node-store.ts'
import { StateTrie } from '../../storage/state-trie/state-trie.ts'
import { loadTrieSecret } from '../../storage/state-trie/trie-secret.ts'
import { loadErasedUsers } from '../accounts/erased-users.ts'
import type { Config } from '../config/config.ts'
import { PushAudience } from '../push/push-audience.ts'
import { PartialRooms } from '../rooms/partial-state/partial-rooms.ts'
import { AuthCovers } from '../rooms/resolution/auth-covers.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** Names the stream writer; one process writes, so one name does (DESIGN §6). */
const WRITER = 'main'
/** Shares of the one memory budget. The rest is for what sync keeps of recent commits. */
const EVENT_SHARE = 0.4
const TRIE_SHARE = 0.2
const NAME_SHARE = 0.15
const AUTH_SHARE = 0.05

/** Builds what the rooms stand on, and connects the committer. */
export async function openRooms(
  config: Config,
  database: Database,
  signer: Signer,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<RoomServices> {
  const { queries, pool, address } = database
  const budget = config.caches.maxMemoryBytes
  const committer = new Committer(address, WRITER, (error) => log.error({ err: error }, 'a commit failed'))
  await committer.start()
  closing.defer(() => committer.stop())
  const events = new EventStore(queries, Math.floor(budget * EVENT_SHARE))
  committer.onCommit((writes) => events.absorb(writes))
  const partial = await PartialRooms.load(queries)
  committer.onCommit((writes) => partial.absorb(writes))
  const audience = new PushAudience(queries, { followsThreads: config.rooms.threadSubscriptions })
  committer.onCommit((writes) => audience.absorb(writes))
  return {
    serverName: config.serverName,
    signer,
    queries,
    committer,
    events,
    interner: new Interner(pool, { cacheBytes: Math.floor(budget * NAME_SHARE) }),
    trie: new StateTrie({
      store: postgresNodeStore(pool),
      secret: await loadTrieSecret(queries),
      cacheBytes: Math.floor(budget * TRIE_SHARE),
    }),
    eventNids: new EventNids(queries),
    audience,
    erasedUsers: await loadErasedUsers(queries),
    partial,
    authCovers: new AuthCovers(Math.floor(budget * AUTH_SHARE)),
    now: Date.now,
  }
}
