import type { Scenario } from './scenario.ts'
import { sendLoad } from './send-load.ts'

export const sequentialSends: Scenario = {
  name: 'sequential-sends',
  title: 'sends one after another, one room',
  async run({ accounts, seconds }) {
    const user = await accounts.user('sender')
    const roomId = await user.createPublicRoom('One sender')
    return sendLoad([{ user, roomId }], seconds)
  },
}
