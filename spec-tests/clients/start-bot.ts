import { LogService, MatrixAuth, MatrixClient, MemoryStorageProvider } from 'matrix-bot-sdk'
import type { Json } from '../support/test-client.ts'

/** What a bot was told of, in order. */
export interface Seen {
  readonly what: string
  readonly roomId: string
  readonly event: Json
}

/** A bot with all that it was told of. */
export interface Bot {
  readonly id: string
  readonly client: MatrixClient
  readonly seen: readonly Seen[]
}

/** Of these a bot is told. */
export const WATCHED = ['room.invite', 'room.join', 'room.leave', 'room.message', 'room.event'] as const

/** Registers a bot through the library, quietly, and has it sync. */
export async function startBot(url: string, localpart: string): Promise<Bot> {
  for (const module of ['MatrixHttpClient', 'MatrixClient', 'MatrixClientLite']) LogService.muteModule(module)
  const account = await new MatrixAuth(url).passwordRegister(localpart, 'correct horse battery', 'Bot')
  const client = new MatrixClient(url, account.accessToken, new MemoryStorageProvider())
  client.syncingTimeout = 2_000
  const seen: Seen[] = []
  for (const what of WATCHED)
    client.on(what, (roomId: string, event: Json) => seen.push({ what, roomId, event }))
  await client.start({ room: { timeline: { limit: 50 } } })
  return { id: await client.getUserId(), client, seen }
}
