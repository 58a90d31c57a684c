import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'
import { openDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { expectAgreement } from './agreement.ts'
import { assembleCast } from './cast.ts'
import { Conversation } from './conversation.ts'
import { settle } from './settle.ts'

const MESSAGES_EACH = 60
const STEP = 40
/** Names the statement that every batch of the committer ends with, and no other connection sends. */
const COMMITTING = 'take-positions'
/** The length of the outage itself, not a wait for anything. */
const OUTAGE_MS = 3_000

/** Cuts the connection that commits, as the end of a batch is sent. */
async function cutCommit(proxy: DatabaseProxy, options: { deliver: boolean }): Promise<void> {
  let cut = false
  void proxy.cutWhenSent(COMMITTING, options).then(() => (cut = true))
  await eventually('a commit to cut', () => cut)
}

test('the database is lost for seconds, and in the middle of a COMMIT', async () => {
  const database = await createTestDatabase()
  const proxy = await openDatabaseProxy(database.address)
  {
    await using pair = await startRegionPair({ south: proxy.address })
    await pair.withLogs(async () => {
      using cast = await assembleCast(pair)
      const { roomId, alice, anna, bob, berta } = cast
      const conversation = new Conversation()
      const faults = async (): Promise<void> => {
        await conversation.reaches(STEP)
        await cutCommit(proxy, { deliver: true })
        await conversation.reaches(2 * STEP)
        await cutCommit(proxy, { deliver: false })
        await conversation.reaches(3 * STEP)
        proxy.cut()
        await delay(OUTAGE_MS)
        proxy.heal()
      }
      await Promise.all([faults(), conversation.all(cast.all, roomId, MESSAGES_EACH)])
      await settle(pair, roomId, conversation, { north: alice, south: bob })
      await expectAgreement(pair, {
        roomId,
        acknowledged: conversation.acknowledged,
        north: [alice, anna],
        south: [bob, berta],
      })
    })
  }
  await proxy.close()
  await database.close()
}, 180_000)
