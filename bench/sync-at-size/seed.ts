import { pino } from 'pino'
import { loadConfig } from '../../homeserver/config/load-config.ts'
import { openRooms } from '../../homeserver/context/open-rooms.ts'
import { openStorage } from '../../homeserver/context/open-storage.ts'
import { LocalRoomWriter } from '../../homeserver/rooms/room-writer.ts'
import { createOwnKeys } from '../../federation/keys/own-keys.ts'
import { formatToken } from '../../homeserver/sync/tokens.ts'
import { seedAccounts } from './seed-accounts.ts'
import { goOn, seedRoom, type SeededRoom } from './seed-room.ts'
import { userIds, type Size } from './size.ts'

/** The writer prepares one intent a room at a time; so many rooms keep its committer busy. */
const ROOMS_AT_ONCE = 8

/** What a seeded server is asked with. */
export interface Seeded {
  /** The access tokens of the accounts. */
  readonly tokens: readonly string[]
  /** The `since` of a client that has missed the news of every room. */
  readonly since: string
}

/**
 * Fills the empty database of a configuration through the room writer, as if everybody had joined and talked.
 * The server must not run meanwhile.
 */
export async function seed(configurationPath: string, dataDir: string, size: Size): Promise<Seeded> {
  await using closing = new AsyncDisposableStack()
  const config = await loadConfig({ file: configurationPath, dataDir })
  const log = pino({ level: 'warn' })
  const database = await openStorage(config, log, new AbortController().signal, closing)
  const { signer } = createOwnKeys({
    serverName: config.serverName,
    signingKeys: config.secrets.signingKeys,
    oldKeys: config.identity.oldSigningKeys,
    refreshIntervalMs: config.identity.keyRefreshIntervalMs,
  })
  const services = await openRooms(config, database, signer, log, closing)
  const writer = new LocalRoomWriter(services)

  const tokens = await seedAccounts(database.queries, services.interner, userIds(size))
  const numbers = Array.from({ length: size.rooms }, (_, index) => index)
  const rooms: SeededRoom[] = []
  await together(numbers, async (number) => void rooms.push(await seedRoom(services, writer, size, number)))
  const position = services.committer.head
  await together(rooms, (room) => goOn(services, writer, room, size.newsPerRoom))
  return {
    tokens,
    since: formatToken({ kind: 'stream', position, ephemeral: { epoch: 'seed', version: 0 } }),
  }
}

async function together<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, worker))
}
