import type { Logger } from 'pino'
import { DeviceListOutbox } from '../../e2ee/device-lists/device-list-outbox.ts'
import { DeviceLists } from '../../e2ee/device-lists/device-lists.ts'
import { RemoteDeviceLists } from '../../e2ee/remote-lists/remote-device-lists.ts'
import type { Federation } from '../../federation/client/create-federation.ts'
import { serverFailure } from '../../federation/e2ee/server-failure.ts'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import { pruneDeviceListChanges, pruneRemoteLists } from '../../storage/e2ee/prune-device-lists.ts'
import type { UserInRoom } from '../../storage/rooms/users-in-rooms.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { Sync } from '../sync/sync.ts'
import { deleteInBatches } from '../upkeep/delete-in-batches.ts'
import type { MembersKnown } from '../../federation/remote-rooms/complete-join/completion-context.ts'
import { membersWithChanges } from '../../storage/e2ee/device-list-reader.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'

/** Often enough that each time there is little to do. */
const PRUNE_INTERVAL_MS = 3_600_000
const PRUNE = 'upkeep.device-lists'
const RESYNC = 'e2ee.resync-device-list'
/** Lists that are fetched at once, over all servers. */
const RESYNCS_AT_ONCE = 8

/** What device lists are wired to. */
export interface DeviceListWiring {
  readonly services: RoomServices
  readonly sync: Sync
  readonly federation: Federation
  readonly outbound: Outbound
  /** Not started yet. */
  readonly jobs: JobRunner
  readonly log: Logger
  readonly closing: AsyncDisposableStack
  /** Whether other servers are told the names of devices. */
  readonly tellsNames: boolean
}

/** Device lists of our users and of those of other servers. */
export interface OpenDeviceLists {
  readonly deviceLists: DeviceLists
  readonly remoteLists: RemoteDeviceLists
  /** Tells what was not told while it was not known who shares a room with whom. */
  readonly membersKnown: (known: MembersKnown) => Promise<void>
  /** Takes up the sending of the last run. After the start of `outbound`. */
  readonly resume: () => Promise<void>
  /** Users of ours have come into rooms. */
  readonly introduce: (arrivals: readonly UserInRoom[]) => Promise<void>
}

/** Builds device lists: syncs tell of changes, other servers are told of ours and tell of theirs. */
export async function openDeviceLists(wiring: DeviceListWiring): Promise<OpenDeviceLists> {
  const { services, sync, federation, outbound, jobs, log, closing, tellsNames } = wiring
  const { serverName, queries, interner, committer } = services
  const { views } = sync.services
  const deviceLists = await DeviceLists.start({
    queries,
    events: services.events,
    interner,
    committer,
    audience: {
      roomsOf: async (userNid) => (await views.of(userNid)).rooms.values(),
      wakeRoom: (roomNid) => views.wakeRoom(roomNid),
      wakeUser: (userNid) => views.wakeUser(userNid),
    },
    onError: (error) => log.warn({ err: error }, 'nobody was woken for a change of devices'),
  })
  const { client } = federation
  const remoteLists = new RemoteDeviceLists({
    queries,
    interner,
    committer,
    peers: {
      getUserDevices: (server, userId) => client.getUserDevices(server, userId),
      queryUserKeys: (server, wanted, timeoutMs) => client.queryUserKeys(server, wanted, timeoutMs),
      failureOf: serverFailure,
    },
    maySharePartly: (server) => services.partial.hasServer(server),
    scheduleResync: (userId) =>
      jobs.schedule({ kind: RESYNC, key: userId, payload: userId, runAt: 0, ifWaiting: 'keep' }),
  })
  jobs.register({
    kind: RESYNC,
    read: String,
    handle: (userId) => remoteLists.resync(userId),
    concurrency: RESYNCS_AT_ONCE,
  })
  const outbox = new DeviceListOutbox({
    serverName,
    queries,
    interner,
    committer,
    tellsNames,
    serversOfRooms: (roomNids) => outbound.serversOfRooms(roomNids),
    wake: (server) => outbound.wakeForDurableEdus(server),
    onError: (error) => log.warn({ err: error }, 'a change of devices waits to be told to other servers'),
  })
  outbound.addEduSource(outbox)
  closing.defer(() => outbox.stop())
  jobs.register({
    kind: PRUNE,
    read: () => null,
    handle: async (_payload, { signal }) => {
      await deleteInBatches((limit) => pruneDeviceListChanges(queries, limit), signal)
      await deleteInBatches((limit) => pruneRemoteLists(queries, limit), signal)
    },
  })
  jobs.every(PRUNE, PRUNE_INTERVAL_MS)
  const membersKnown: OpenDeviceLists['membersKnown'] = async ({ roomNid, since, late }) => {
    // The servers are found by who is in the room as the sender knows it.
    await outbound.caughtUp()
    await outbox.tellSince(late, since)
    const own = await interner.serverNid(serverName)
    for (const userNid of await membersWithChanges(queries, own, roomNid, since)) {
      await noteDeviceListChange(committer, userNid, undefined)
    }
  }
  return {
    deviceLists,
    remoteLists,
    membersKnown,
    resume: () => outbox.start(),
    introduce: (arrivals) => outbox.introduce(arrivals),
  }
}
