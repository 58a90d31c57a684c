import type { MatrixUser } from '../client/matrix-user.ts'
import { Stopwatch } from '../measure/stopwatch.ts'
import { furnishedRooms, MEMBERS, missingFrom, ROOMS } from './furnished-rooms.ts'
import type { Measured, Scenario, ScenarioContext } from './scenario.ts'

export const initialSync: Scenario = {
  name: 'initial-sync',
  title: `initial sync of a user in ${ROOMS} rooms, ${MEMBERS} users one after another`,
  run: (context) =>
    measure(context, async (devices, sync) => {
      for (const device of devices) await sync(device)
    }),
}

export const initialSyncsAtOnce: Scenario = {
  name: 'initial-syncs-at-once',
  title: `initial syncs of ${MEMBERS} users in ${ROOMS} rooms, all at once`,
  run: (context) =>
    measure(context, async (devices, sync) => {
      await Promise.all(devices.map(sync))
    }),
}

type SyncAll = (devices: readonly MatrixUser[], sync: (device: MatrixUser) => Promise<void>) => Promise<void>

/** Every sync is made on a new device, so that no server can answer it from an earlier answer. */
async function measure({ accounts }: ScenarioContext, syncAll: SyncAll): Promise<Measured> {
  const { members, newest } = await furnishedRooms(accounts)
  const devices: MatrixUser[] = []
  for (const member of members) devices.push(await member.onNewDevice())

  const failures: string[] = []
  const watch = new Stopwatch()
  await syncAll(devices, async (device) => {
    const answer = await watch.time(() => device.sync(undefined, 0))
    failures.push(...missingFrom(answer.rooms?.join, newest))
  })
  const elapsed = watch.elapsed()
  return { operations: devices.length, seconds: elapsed, latencies: watch.latencies, failures }
}
