import { expect, test } from 'vitest'
import { insist } from '../support/js-sdk-send.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast, type Cast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { readRoomContents } from './room-contents.ts'
import { settle } from './settle.ts'

const MESSAGES_EACH = 30

/** The state changes of either side while neither knows of the other's. */
interface Conflict {
  /** Berta's topic: she has been demoted in the north when it arrives there. */
  readonly topicOfTheDemoted: string
  readonly topicOfTheNorth: string
}

/** Alice demotes Berta, and Berta sets the topic; both set it; Bob bans Anna, who goes on talking. */
async function conflict({ roomId, alice, anna, bob, berta }: Cast): Promise<Conflict> {
  const { client: north } = alice
  const { client: south } = bob
  await insist(() => north.setPowerLevel(roomId, berta.userId, 0))
  const topicOfTheNorth = await insist(() => north.setRoomTopic(roomId, 'Topic of the north'))
  await insist(() => south.ban(roomId, anna.userId))
  const topicOfTheDemoted = await insist(() => berta.client.setRoomTopic(roomId, 'Topic of the demoted'))
  await insist(() => north.setRoomName(roomId, 'Name of the north'))
  await insist(() => south.setRoomName(roomId, 'Name of the south'))
  return { topicOfTheNorth: topicOfTheNorth.event_id, topicOfTheDemoted: topicOfTheDemoted.event_id }
}

/**
 * Alice and Bob change the power levels, each without the other's change. Both changes are allowed after the
 * other; resolution applies that of the greater power first, so that Bob's stays. @returns the id of Bob's.
 */
async function conflictOverPower({ roomId, alice, bob, berta }: Cast): Promise<string> {
  await insist(() => alice.client.setPowerLevel(roomId, berta.userId, 50))
  const { event_id } = await insist(() => bob.client.setPowerLevel(roomId, '@bruno:south.test', 10))
  return event_id
}

test('the link is cut while both sides talk and change the same state', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    using cast = await assembleCast(pair)
    const { roomId, alice, anna, bob, berta } = cast
    const conversation = new Conversation()
    await conversation.all(cast.all, roomId, MESSAGES_EACH)
    await settle(pair, roomId, conversation, { north: alice, south: bob })

    pair.cut()
    const known = conversation.acknowledged.length
    const [changes] = await Promise.all([conflict(cast), conversation.all(cast.all, roomId, MESSAGES_EACH)])
    const ofTheBanned = conversation.acknowledged
      .slice(known)
      .filter(({ sender }) => sender === anna.userId)
      .map(({ eventId }) => eventId)
    expect(ofTheBanned.length).toBe(MESSAGES_EACH)
    pair.heal()

    await settle(pair, roomId, conversation, { north: alice, south: bob })
    await expectAgreement(pair, {
      roomId,
      acknowledged: conversation.acknowledged,
      north: [alice],
      south: [bob, berta],
      hidden: { north: [changes.topicOfTheDemoted], south: ofTheBanned },
    })
    const first = await readRoomContents(await pair.north.database(), roomId)
    expect(first.state.get('m.room.topic ')).toBe(changes.topicOfTheNorth)

    pair.cut()
    const [powerLevelsOfTheSouth] = await Promise.all([
      conflictOverPower(cast),
      conversation.all([alice, bob, berta], roomId, MESSAGES_EACH),
    ])
    pair.heal()
    await settle(pair, roomId, conversation, { north: alice, south: bob })
    await expectAgreement(pair, {
      roomId,
      acknowledged: conversation.acknowledged,
      north: [alice],
      south: [bob, berta],
      hidden: { north: [changes.topicOfTheDemoted], south: ofTheBanned },
    })
    const second = await readRoomContents(await pair.north.database(), roomId)
    expect(second.state.get('m.room.power_levels ')).toBe(powerLevelsOfTheSouth)
  })
}, 180_000)
