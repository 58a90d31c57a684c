import type { Logger } from 'pino'
import type { DehydrationServices } from '../../e2ee/dehydrated-devices/dehydrated-devices.ts'
import type { E2ee } from '../../e2ee/e2ee.ts'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import type { Federation } from '../../federation/client/create-federation.ts'
import type { UserInRoom } from '../../storage/rooms/users-in-rooms.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { removeDevices } from '../accounts/devices.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { SlidingExtension } from '../sliding-sync/extensions/sliding-extension.ts'
import type { Sync } from '../sync/sync.ts'
import { deviceListAccountListener } from './e2ee/device-list-account-listener.ts'
import { deviceListProvider } from './e2ee/device-list-provider.ts'
import { e2eeExtension, type KeyNewsProvider } from './e2ee/e2ee-extension.ts'
import { openDeviceLists, type OpenDeviceLists } from './open-device-lists.ts'
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
  /** Whether other servers are told the names of devices. */
  readonly tellsNames: boolean
}

/** The distribution of keys and of messages to devices, with its parts of sliding sync. */
export interface OpenE2ee {
  readonly e2ee: E2ee
  readonly extensions: readonly SlidingExtension[]
  readonly membersKnown: OpenDeviceLists['membersKnown']
  /** Takes up the sending of the last run. After the start of `outbound`. */
  readonly resume: () => Promise<void>
  /** A user of ours has come into a room. */
  readonly introduce: (arrivals: readonly UserInRoom[]) => Promise<void>
}

/** Builds it. Before the start of the jobs. */
export async function openE2ee(wiring: E2eeWiring): Promise<OpenE2ee> {
  const { sync, accounts } = wiring
  const { deviceLists, remoteLists, membersKnown, resume, introduce } = await openDeviceLists(wiring)
  const { keys, provider } = openKeys({ ...wiring, remoteKeys: remoteLists })
  accounts.listeners.push(deviceListAccountListener(deviceLists))
  // Each gives fields of `/sync`; the extension of sliding sync has the same ones.
  const providers: readonly KeyNewsProvider[] = [deviceListProvider(deviceLists), provider]
  for (const provider of providers) sync.provide(provider)
  const { toDevice, extension } = openToDevice(wiring)
  const dehydration: DehydrationServices = {
    keys,
    now: wiring.services.now,
    removeDevices: (user, deviceIds) => removeDevices(accounts, user, deviceIds),
  }
  return {
    e2ee: { deviceLists, remoteLists, keys, toDevice, dehydration },
    extensions: [e2eeExtension(providers), extension],
    membersKnown,
    resume,
    introduce,
  }
}
