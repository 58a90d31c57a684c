import type { Logger } from 'pino'
import { DeviceLists } from '../../e2ee/device-lists/device-lists.ts'
import type { E2ee } from '../../e2ee/e2ee.ts'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import type { Federation } from '../../federation/client/create-federation.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { SlidingExtension } from '../sliding-sync/extensions/sliding-extension.ts'
import type { Sync } from '../sync/sync.ts'
import { deviceListAccountListener } from './e2ee/device-list-account-listener.ts'
import { deviceListProvider } from './e2ee/device-list-provider.ts'
import { e2eeExtension, type KeyNewsProvider } from './e2ee/e2ee-extension.ts'
import { openKeys } from './open-keys.ts'
import { openToDevice } from './open-to-device.ts'

/** What end-to-end encryption is wired to. */
export interface E2eeWiring {
  readonly services: RoomServices
  readonly sync: Sync
  readonly accounts: Accounts
  readonly federation: Federation
  readonly outbound: Outbound
  /** Not started yet. */
  readonly jobs: JobRunner
  readonly log: Logger
  readonly closing: AsyncDisposableStack
}

/** The distribution of keys and of messages to devices, with its parts of sliding sync. */
export interface OpenE2ee {
  readonly e2ee: E2ee
  readonly extensions: readonly SlidingExtension[]
}

/** Builds it. Before the start of the jobs. */
export async function openE2ee(wiring: E2eeWiring): Promise<OpenE2ee> {
  const { services, sync, accounts, log } = wiring
  const { queries, interner, committer } = services
  const { views } = sync.services
  const deviceLists = await DeviceLists.start({
    queries,
    interner,
    committer,
    audience: {
      roomsOf: async (userNid) => (await views.of(userNid)).rooms.values(),
      wakeRoom: (roomNid) => views.wakeRoom(roomNid),
      wakeUser: (userNid) => views.wakeUser(userNid),
    },
    onError: (error) => log.warn({ err: error }, 'nobody was woken for a change of devices'),
  })
  accounts.listeners.push(deviceListAccountListener(deviceLists))
  const { keys, provider } = openKeys({ ...wiring, remoteKeys: undefined })
  // Each gives fields of `/sync`; the extension of sliding sync has the same ones.
  const providers: readonly KeyNewsProvider[] = [deviceListProvider(deviceLists), provider]
  for (const provider of providers) sync.provide(provider)
  const { toDevice, extension } = openToDevice(wiring)
  return { e2ee: { deviceLists, keys, toDevice }, extensions: [e2eeExtension(providers), extension] }
}
