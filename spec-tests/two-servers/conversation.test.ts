import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import type { SdkUser } from '../support/js-sdk.ts'
import { eventually } from '../support/eventually.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast, type Cast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { settle } from './settle.ts'

const MESSAGES_EACH = 125
const CHANGES = 10

/** Redactions across the regions, and changes of state, from both sides while everybody talks. */
async function meddle({ roomId, alice, bob, berta }: Cast, conversation: Conversation): Promise<string[]> {
  const redacted: string[] = []
  for (let change = 1; change <= CHANGES; change++) {
    await conversation.reaches(change * 40)
    const { eventId, sender } = conversation.acknowledged.at(-1)!
    const moderator = sender.endsWith(':north.test') ? bob : alice
    await redact(moderator, roomId, eventId)
    redacted.push(eventId)
    await berta.client.setRoomTopic(roomId, `Topic ${change} of the south`)
    await alice.client.setRoomName(roomId, `Name ${change} of the north`)
    await bob.client.setGuestAccess(roomId, { allowJoin: change % 2 === 1, allowRead: false })
  }
  return redacted
}

/** A moderator redacts what has reached their server. */
async function redact(moderator: SdkUser, roomId: string, eventId: string): Promise<void> {
  await eventually(`${eventId} at ${moderator.userId}`, () =>
    moderator.client.fetchRoomEvent(roomId, eventId).catch(() => undefined),
  )
  await moderator.client.redactEvent(roomId, eventId)
}

test('two regions carry a conversation of four users', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    using cast = await assembleCast(pair)
    const conversation = new Conversation()
    const [redacted] = await Promise.all([
      meddle(cast, conversation),
      conversation.all(cast.all, cast.roomId, MESSAGES_EACH),
    ])
    await settle(pair, cast.roomId, conversation, { north: cast.alice, south: cast.bob })
    await expectAgreement(pair, {
      roomId: cast.roomId,
      acknowledged: conversation.acknowledged,
      north: [cast.alice, cast.anna],
      south: [cast.bob, cast.berta],
    })
    for (const user of cast.all) {
      const history = await user.history(cast.roomId)
      const gone = history.filter((event) => event.isRedacted()).map((event) => event.getId()!)
      expect(gone.sort(), user.userId).toEqual(redacted.toSorted())
    }
  })
}, 180_000)
