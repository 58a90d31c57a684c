import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type DatabaseAddress } from '../../storage/database.ts'
import { EventNids } from '../../storage/events/event-nids.ts'
import { EventStore } from '../../storage/events/event-store.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { Committer } from '../../storage/position/committer.ts'
import { postgresNodeStore } from '../../storage/state-trie/node-store.ts'
import { StateTrie } from '../../storage/state-trie/state-trie.ts'
import { loadTrieSecret } from '../../storage/state-trie/trie-secret.ts'
import { loadErasedUsers } from '../accounts/erased-users.ts'
import { PushAudience } from '../push/push-audience.ts'
import { PartialRooms } from './partial-state/partial-rooms.ts'
import { AuthCovers } from './resolution/auth-covers.ts'
import type { RoomServices } from './room-services.ts'

const CACHE_BYTES = 8 * 1024 * 1024

/** Everything that rooms stand on, over a real database of its own, for one test file. */
export interface TestRooms {
  readonly services: RoomServices
  readonly address: DatabaseAddress
  /** Errors that the committer reported. */
  readonly errors: Error[]
  close(): Promise<void>
}

/** Opens it. `serverName` is who signs; `given` is a database with the newest schema, where no test runs. */
export async function openTestRooms(serverName = 'here.test', given?: TestDatabase): Promise<TestRooms> {
  const testDatabase = given ?? (await createTestDatabase())
  const database = openDatabase(testDatabase.address)
  const errors: Error[] = []
  const committer = new Committer(testDatabase.address, 'test', (error) => errors.push(error))
  await committer.start()
  const { queries, pool } = database
  const events = new EventStore(queries, CACHE_BYTES)
  committer.onCommit((writes) => events.absorb(writes))
  const partial = await PartialRooms.load(queries)
  committer.onCommit((writes) => partial.absorb(writes))
  const audience = new PushAudience(queries)
  committer.onCommit((writes) => audience.absorb(writes))
  const key = createSigningKey(createSeed(), 'test')
  const services: RoomServices = {
    serverName,
    signer: { serverName, keyId: key.keyId, privateKey: key.privateKey },
    queries,
    committer,
    interner: new Interner(pool),
    trie: new StateTrie({ store: postgresNodeStore(pool), secret: await loadTrieSecret(queries) }),
    events,
    eventNids: new EventNids(queries),
    audience,
    erasedUsers: await loadErasedUsers(queries),
    partial,
    authCovers: new AuthCovers(CACHE_BYTES),
    now: Date.now,
  }
  return {
    services,
    address: testDatabase.address,
    errors,
    close: async () => {
      await committer.stop()
      await database.close()
      await testDatabase.close()
    },
  }
}
