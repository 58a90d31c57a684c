import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { settle } from './settle.ts'

const BEFORE = 10
/** Several transactions' worth: one carries at most 50. */
const MISSED_EACH = 160

test('a server that was gone gets everything that it has missed', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    using cast = await assembleCast(pair)
    const { roomId, alice, anna, bob, berta } = cast
    const conversation = new Conversation()
    await conversation.all(cast.all, roomId, BEFORE)
    await pair.south.stop()
    await conversation.all([alice, anna], roomId, MISSED_EACH)
    await alice.client.setRoomTopic(roomId, 'While the south was away')
    await pair.south.start()
    await settle(pair, roomId, conversation, { north: alice, south: bob })
    expect(conversation.acknowledged.length).toBeGreaterThan(2 * MISSED_EACH)
    await expectAgreement(pair, {
      roomId,
      acknowledged: conversation.acknowledged,
      north: [alice, anna],
      south: [bob, berta],
    })
  })
}, 180_000)
