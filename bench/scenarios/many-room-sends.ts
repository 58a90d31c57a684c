import type { Scenario } from './scenario.ts'
import { sendLoad, type Worker } from './send-load.ts'

const ROOMS = 20

export const manyRoomSends: Scenario = {
  name: 'many-room-sends',
  title: `sends into ${ROOMS} rooms at once, one sender each`,
  async run({ accounts, seconds }) {
    const workers: Worker[] = []
    for (const user of await accounts.users('owner', ROOMS)) {
      workers.push({ user, roomId: await user.createPublicRoom(`Room ${workers.length}`) })
    }
    return sendLoad(workers, seconds)
  },
}
