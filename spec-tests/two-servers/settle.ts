import { eventually } from '../support/eventually.ts'
import type { SdkUser } from '../support/js-sdk.ts'
import type { RegionPair } from '../support/region-pair.ts'
import type { Conversation } from './conversation.ts'
import { readRoomContents } from './room-contents.ts'

/** Times that each server speaks; the second time it has seen what the other said upon the first. */
const ROUNDS = 2

/**
 * After healing: one user of each server sends one event, twice round, and the next speaks when it has arrived at
 * the other server. Then the servers have nothing left to tell each other.
 */
export async function settle(
  { north, south }: RegionPair,
  roomId: string,
  conversation: Conversation,
  speakers: { readonly north: SdkUser; readonly south: SdkUser },
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const [user, listening] of [
      [speakers.north, south],
      [speakers.south, north],
    ] as const) {
      const eventId = await conversation.say(user, roomId)
      if (eventId === undefined) throw new Error(`${user.userId} may not speak any more`)
      await eventually(`${eventId} of ${user.userId} at ${listening.serverName}`, async () => {
        const { events } = await readRoomContents(await listening.database(), roomId)
        return events.some((event) => event.eventId === eventId && event.inHistory)
      })
    }
  }
}
