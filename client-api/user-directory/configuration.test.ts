import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase } from '../../storage/database.ts'

it('finds whom the configuration lets it find, and who came while it was switched off', async () => {
  const test = await createTestDatabase()
  onTestFinished(() => test.close())
  const start = (user_directory: Record<string, boolean>): Promise<TestServer> =>
    startTestServer({ database: test.address, config: { user_directory } })

  const off = await start({ enabled: false })
  const alice = await off.register('alice')
  const bob = await off.register('bob')
  const find = async (server: TestServer, term: string): Promise<string[]> => {
    const client = new TestClient(server.url)
    client.token = alice.token
    const answer = await client.call('POST', '/user_directory/search', { search_term: term })
    return (answer['results'] as { user_id: string }[]).map(({ user_id }) => user_id)
  }
  await bob.createRoom({ preset: 'public_chat' })
  await bob.call('PUT', `/profile/${bob.userId}/displayname`, { displayname: 'Robert' })
  expect(await find(off, 'robert')).toEqual([])
  await off.close()

  const on = await start({})
  await expect.poll(() => find(on, 'robert')).toEqual([bob.userId])
  await on.close()

  const all = await start({ search_all_users: true, exclude_remote_users: true, prefer_local_users: true })
  const carol = await all.register('carol')
  expect(await find(all, 'carol')).toEqual([carol.userId])
  await all.close()

  const database = openDatabase(test.address)
  const { user_nid } = await database.queries
    .selectFrom('matrix_user')
    .select('user_nid')
    .where('user_id', '=', carol.userId)
    .executeTakeFirstOrThrow()
  await database.queries
    .updateTable('account')
    .set({ locked: true })
    .where('user_nid', '=', user_nid)
    .execute()
  await database.close()
  for (const show_locked_users of [false, true]) {
    const server = await start({ search_all_users: true, show_locked_users })
    expect(await find(server, 'carol')).toEqual(show_locked_users ? [carol.userId] : [])
    await server.close()
  }
})
