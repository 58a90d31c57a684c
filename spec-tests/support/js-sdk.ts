import {
  ClientEvent,
  createClient,
  EventTimeline,
  PendingEventOrdering,
  RoomEvent,
  SyncState,
  type IRoomTimelineData,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from 'matrix-js-sdk'
import { logger } from 'matrix-js-sdk/lib/logger.js'
import { TestClient } from './test-client.ts'

/** Small enough that a fast conversation leaves gaps, which the client must fill from history. */
const SYNC_LIMIT = 20
const HISTORY_PAGE = 100
const POLL_MS = 10_000

/** A logger for the library that says nothing. */
export const silent = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  getChild: () => silent,
}

/** Modules of the library that no client's logger reaches log to this one, or to a child of it. */
export function silenceModules(): void {
  Reflect.set(logger, 'methodFactory', () => () => {})
  const rebuild: unknown = Reflect.get(logger, 'rebuild')
  if (typeof rebuild === 'function') rebuild.call(logger)
}

/** A user of a real client library. */
export interface SdkUser {
  readonly userId: string
  readonly client: MatrixClient
  /** The ids of the room's events in the order in which they arrived live, repetitions included. */
  live(roomId: string): readonly string[]
  /** The room's events from its beginning, as far as the user may see them, in the order of the library. */
  history(roomId: string): Promise<readonly MatrixEvent[]>
  stop(): void
}

/** Registers a user and starts the library for it. Resolves after the first sync. */
export async function startSdkUser(url: string, localpart: string): Promise<SdkUser> {
  silenceModules()
  const account = new TestClient(url)
  await account.register(localpart)
  const client = createClient({
    baseUrl: url,
    accessToken: account.token!,
    userId: account.userId,
    deviceId: account.deviceId,
    logger: silent,
  })
  const arrived = new Map<string, string[]>()
  client.on(
    RoomEvent.Timeline,
    (
      event: MatrixEvent,
      room: Room | undefined,
      toStart: boolean | undefined,
      _removed: boolean,
      data: IRoomTimelineData,
    ) => {
      if (!room || toStart || !data.liveEvent || event.status !== null) return
      const ids = arrived.get(room.roomId) ?? []
      arrived.set(room.roomId, [...ids, event.getId()!])
    },
  )
  const synced = new Promise<void>((resolve) => {
    const check = (state: SyncState): void => {
      if (state !== SyncState.Prepared) return
      client.off(ClientEvent.Sync, check)
      resolve()
    }
    client.on(ClientEvent.Sync, check)
  })
  await client.startClient({
    initialSyncLimit: SYNC_LIMIT,
    disablePresence: true,
    pollTimeout: POLL_MS,
    // With the other ordering the library takes its own unconfirmed message in a limited timeline for a sign that
    // there is no gap before it.
    pendingEventOrdering: PendingEventOrdering.Detached,
  })
  await synced
  return {
    userId: account.userId,
    client,
    live: (roomId) => arrived.get(roomId) ?? [],
    history: (roomId) => readHistory(client, roomId),
    stop: () => client.stopClient(),
  }
}

async function readHistory(client: MatrixClient, roomId: string): Promise<readonly MatrixEvent[]> {
  const room = client.getRoom(roomId)
  if (!room) throw new Error(`${client.getUserId()} does not know ${roomId}`)
  const timeline = room.getLiveTimeline()
  while (timeline.getPaginationToken(EventTimeline.BACKWARDS) !== null)
    await client.paginateEventTimeline(timeline, { backwards: true, limit: HISTORY_PAGE })
  return timeline.getEvents().filter((event) => event.status === null)
}
