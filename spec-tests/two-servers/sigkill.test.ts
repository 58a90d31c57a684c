import { test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { settle } from './settle.ts'

const MESSAGES_EACH = 60
const BEFORE_THE_KILL = 80

test('a server and its database killed in the middle of the load', async () => {
  await using pair = await startRegionPair({ south: 'embedded' })
  await pair.withLogs(async () => {
    using cast = await assembleCast(pair)
    const { roomId, alice, anna, bob, berta } = cast
    const conversation = new Conversation()
    const killed = conversation.reaches(BEFORE_THE_KILL).then(async () => {
      await pair.south.kill9()
      await pair.south.start()
    })
    await Promise.all([killed, conversation.all(cast.all, roomId, MESSAGES_EACH)])
    await settle(pair, roomId, conversation, { north: alice, south: bob })
    await expectAgreement(pair, {
      roomId,
      acknowledged: conversation.acknowledged,
      north: [alice, anna],
      south: [bob, berta],
    })
  })
}, 180_000)
