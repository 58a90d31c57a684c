import type { Device, Ground } from './ground.ts'
import { measure, type Cost } from './measure.ts'
import { uploadKeys } from './upload-keys.ts'

/** Measures a change of a device's keys, until all who watch on both servers have been told by the sync they wait in. */
export async function deviceChange(
  ground: Ground,
  owner: Device,
  watchers: readonly Device[],
  revision: number,
): Promise<Cost> {
  const tokens = await Promise.all(
    watchers.map(async (watcher) => String((await watcher.sync())['next_batch'])),
  )
  return measure(ground, async () => {
    const told = watchers.map((watcher, index) => hears(watcher, tokens[index]!, owner.userId))
    await uploadKeys(owner, revision)
    await Promise.all(told)
  })
}

async function hears(watcher: Device, token: string, userId: string): Promise<void> {
  for (let since = token; ;) {
    const answer = await watcher.sync({ since, timeout: '30000' })
    const { changed = [] } = (answer['device_lists'] ?? {}) as { readonly changed?: readonly string[] }
    if (changed.includes(userId)) return
    since = String(answer['next_batch'])
  }
}
