import { InboxExtension } from '../../e2ee/to-device/inbox-extension.ts'
import { InboxProvider } from '../../e2ee/to-device/inbox-provider.ts'
import { Inbox } from '../../e2ee/to-device/inbox.ts'
import { OutboxSource } from '../../e2ee/to-device/outbox-source.ts'
import { pruneToDevice } from '../../e2ee/to-device/prune-to-device.ts'
import type { ToDevice } from '../../e2ee/to-device/to-device-services.ts'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import { deleteBackupsOf } from '../../storage/e2ee/key-backups.ts'
import { TO_DEVICE } from '../../storage/e2ee/to-device-write.ts'
import { itemOf } from '../../storage/position/committed-write.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { SlidingExtension } from '../sliding-sync/extensions/sliding-extension.ts'
import type { Sync } from '../sync/sync.ts'

/** Often enough that each time there is little to do. */
const PRUNE_INTERVAL_MS = 3_600_000

/** What messages to devices are wired to. */
export interface ToDeviceWiring {
  readonly services: RoomServices
  readonly sync: Sync
  readonly accounts: Pick<Accounts, 'listeners'>
  readonly outbound: Outbound
  /** Not started yet. */
  readonly jobs: JobRunner
}

/** Messages to devices, as routes and sliding sync see them. */
export interface OpenToDevice {
  readonly toDevice: ToDevice
  readonly extension: SlidingExtension
}

/** Builds messages to devices: syncs tell of them, other servers are sent theirs. Backups go with their accounts. */
export function openToDevice({ services, sync, accounts, outbound, jobs }: ToDeviceWiring): OpenToDevice {
  const { serverName, queries, interner, committer, now } = services
  const inbox = new Inbox(services)
  const outbox = new OutboxSource(services)
  committer.onCommit((writes) => {
    inbox.absorb(writes)
    for (const write of writes) {
      const sent = itemOf(TO_DEVICE, write)
      for (const { userNid } of sent?.local ?? []) sync.services.views.wakeUser(userNid)
      for (const { serverName: server } of sent?.remote ?? []) outbound.wakeForDurableEdus(server)
    }
  })
  accounts.listeners.push({ accountDeactivated: ({ userNid }) => deleteBackupsOf(queries, userNid) })
  sync.provide(new InboxProvider(inbox))
  outbound.addEduSource(outbox)
  const kind = 'upkeep.to-device'
  jobs.register({
    kind,
    read: () => null,
    handle: (_payload, { signal }) => pruneToDevice(queries, now(), signal),
  })
  jobs.every(kind, PRUNE_INTERVAL_MS)
  return {
    toDevice: { serverName, queries, interner, committer, now, inbox },
    extension: new InboxExtension(inbox),
  }
}

/** Has the servers told for which messages have waited since before the start. After the start of `outbound`. */
export async function resumeToDevice(services: RoomServices, outbound: Outbound): Promise<void> {
  const waiting = await new OutboxSource(services).servers()
  for (const server of waiting) outbound.wakeForDurableEdus(server)
}
