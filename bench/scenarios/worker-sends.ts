import type { Scenario } from './scenario.ts'
import { sendLoad } from './send-load.ts'

const WORKERS = 10

export const workerSends: Scenario = {
  name: 'worker-sends',
  title: `sends by ${WORKERS} workers at once, one room`,
  async run({ accounts, seconds }) {
    const users = await accounts.users('worker', WORKERS)
    const [owner, ...others] = users
    if (!owner) throw new RangeError('no workers')
    const roomId = await owner.createPublicRoom('Ten workers')
    for (const user of others) await user.join(roomId)
    return sendLoad(
      users.map((user) => ({ user, roomId })),
      seconds,
    )
  },
}
