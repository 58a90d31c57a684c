import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { foundIds, searchMessages } from '../../spec-tests/support/search-messages.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase } from '../../storage/database.ts'

it('takes in everything over restarts, changes of languages and texts of any kind', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.close())
  const start = (config: Record<string, unknown>): Promise<TestServer> =>
    startTestServer({ database: database.address, config })

  const without = await start({ enable_search: false })
  const alice = await without.register('alice')
  const room = await alice.createRoom()
  const first = await alice.say(room, 'Die Häuser am Fluss')
  const refused = await alice.request('POST', '/_matrix/client/v3/search', { search_categories: {} })
  expect(refused.status).toBe(400)
  await without.close()

  const again = (server: TestServer): TestClient => {
    const client = new TestClient(server.url)
    client.token = alice.token
    return client
  }
  const simple = await start({ search: { languages: ['simple'] } })
  const plain = again(simple)
  await comesToBeFound(plain, 'häuser', [first])
  expect(foundIds(await searchMessages(plain, 'haus'))).toEqual([])
  const words = Array.from({ length: 7_000 }, (_, index) => index.toString(36)).join(' ')
  const odd = [
    'a\0b',
    '\0',
    '\ud83d',
    'x'.repeat(20_000),
    words,
    '\u{fdfa}'.repeat(5_000),
    '\' \\ " :* & | !',
    '',
  ]
  for (const text of odd) {
    await plain.request(
      'PUT',
      `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/t${text.length}${odd.indexOf(text)}`,
      {
        msgtype: 'm.text',
        body: text,
      },
    )
  }
  const last = await plain.say(room, 'behind all that')
  await comesToBeFound(plain, 'behind that', [last])
  expect(foundIds(await searchMessages(plain, words.split(' ')[500]!))).toHaveLength(1)
  await simple.close()

  // What came by backfill has no position in the stream, so that its cursor says nothing of it.
  const { queries, close } = openDatabase(database.address)
  await sql`UPDATE event SET stream_pos = NULL WHERE event_id = ${last}`.execute(queries)
  await sql`DELETE FROM event_search WHERE event_nid = (SELECT event_nid FROM event WHERE event_id = ${last})`.execute(
    queries,
  )
  await close()
  const german = await start({ search: { languages: ['german'] } })
  const reader = again(german)
  await comesToBeFound(reader, 'haus', [first])
  await comesToBeFound(reader, '"behind all that"', [last])
  await german.close()
})

/** The index follows the stream, and how soon is the machine's affair. */
async function comesToBeFound(client: TestClient, term: string, ids: readonly string[]): Promise<void> {
  await eventually(`${term} in the index`, async () => {
    const found = foundIds(await searchMessages(client, term))
    return JSON.stringify(found) === JSON.stringify(ids)
  })
}
