import {
  ClientEvent,
  createClient,
  PendingEventOrdering,
  RoomEvent,
  SyncState,
  type MatrixClient,
  type MatrixEvent,
  type Room,
} from 'matrix-js-sdk'
import { eventually } from '../../support/eventually.ts'
import { silenceModules, silent } from '../../support/js-sdk.ts'

const POLL_MS = 5_000

/** A user at a web client: js-sdk as Element Web starts it, with threads and lazy loading of members. */
export interface WebUser {
  readonly id: string
  readonly client: MatrixClient
  /** Event ids of a room in the order in which they came live from the server, repetitions included. */
  arrived(roomId: string): readonly string[]
  /** The room, once the library knows it. */
  room(roomId: string): Promise<Room>
  /** An event, once the library has it in the room or in one of its threads. */
  event(roomId: string, eventId: string): Promise<MatrixEvent>
}

/** Registers through the library without starting to sync. */
export async function registerWebUser(url: string, username: string): Promise<MatrixClient> {
  silenceModules()
  const account = await createClient({ baseUrl: url, logger: silent }).registerRequest({
    username,
    password: 'correct horse battery',
    auth: { type: 'm.login.dummy' },
  })
  return createClient({
    baseUrl: url,
    userId: account.user_id,
    accessToken: account.access_token!,
    deviceId: account.device_id!,
    logger: silent,
    timelineSupport: true,
  })
}

/** Registers through the library and syncs. Resolves after the first sync. */
export async function startWebUser(url: string, username: string): Promise<WebUser> {
  const client = await registerWebUser(url, username)
  const arrived = new Map<string, string[]>()
  client.on(RoomEvent.Timeline, (event, room, toStart, _removed, data) => {
    if (!room || toStart || !data.liveEvent || event.status !== null) return
    arrived.set(room.roomId, [...(arrived.get(room.roomId) ?? []), event.getId()!])
  })
  let prepared = false
  client.on(ClientEvent.Sync, (state) => {
    prepared ||= state === SyncState.Prepared
  })
  await client.startClient({
    initialSyncLimit: 20,
    lazyLoadMembers: true,
    threadSupport: true,
    pollTimeout: POLL_MS,
    pendingEventOrdering: PendingEventOrdering.Detached,
  })
  await eventually(`first sync of ${username}`, () => prepared)
  return {
    id: client.getSafeUserId(),
    client,
    arrived: (roomId) => arrived.get(roomId) ?? [],
    room: (roomId) => eventually(`${roomId} at ${username}`, () => client.getRoom(roomId) ?? undefined),
    event: (roomId, eventId) =>
      eventually(`${eventId} at ${username}`, () => client.getRoom(roomId)?.findEventById(eventId)),
  }
}
