import { Stopwatch } from '../measure/stopwatch.ts'
import type { Scenario } from './scenario.ts'

const JOINERS = 100

export const localJoins: Scenario = {
  name: 'local-joins',
  title: `${JOINERS} local users join one public room, one after another`,
  async run({ accounts }) {
    const owner = await accounts.user('host')
    const roomId = await owner.createPublicRoom('Open door')
    const joiners = await accounts.users('joiner', JOINERS)

    const failures: string[] = []
    const watch = new Stopwatch()
    for (const user of joiners) {
      await watch.time(() => user.join(roomId)).catch((error: unknown) => failures.push(String(error)))
    }
    const elapsed = watch.elapsed()

    const members = new Set(await owner.joinedMembers(roomId))
    const missing = joiners.filter((user) => !members.has(user.userId)).length - failures.length
    if (missing > 0) failures.push(`${missing} of ${JOINERS} acknowledged joins are lost`)
    return { operations: watch.latencies.length, seconds: elapsed, latencies: watch.latencies, failures }
  },
}
