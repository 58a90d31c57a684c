import { test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { settle } from './settle.ts'

const MESSAGES_EACH = 60
const BEFORE_A_KILL = 80

test('a server and its database, then the other server, killed in the middle of the load', async () => {
  await using pair = await startRegionPair({ south: 'embedded' })
  await pair.withLogs(async () => {
    using cast = await assembleCast(pair)
    const { roomId, alice, anna, bob, berta } = cast
    const conversation = new Conversation()
    const kill = async (): Promise<void> => {
      await conversation.reaches(BEFORE_A_KILL)
      await pair.south.kill9()
      await pair.south.start()
      await conversation.reaches(2 * BEFORE_A_KILL)
      await pair.north.kill9()
      await pair.north.start()
    }
    await Promise.all([kill(), conversation.all(cast.all, roomId, MESSAGES_EACH)])
    await settle(pair, roomId, conversation, { north: alice, south: bob })
    await expectAgreement(pair, {
      roomId,
      acknowledged: conversation.acknowledged,
      north: [alice, anna],
      south: [bob, berta],
    })
  })
}, 180_000)
