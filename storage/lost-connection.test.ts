import { expect, test } from 'vitest'
import { openDatabaseProxy } from '../spec-tests/support/database-proxy.ts'
import { createTestDatabase } from '../spec-tests/support/test-database.ts'
import { openDatabase } from './database.ts'

test('a connection that is lost in use fails its query, and the pool goes on', async () => {
  const testDatabase = await createTestDatabase()
  const proxy = await openDatabaseProxy(testDatabase.address)
  const database = openDatabase(proxy.address)
  const asked = database.queries.selectFrom('server').select('server_nid').execute()
  await expect(asked).resolves.toEqual([])

  const cut = proxy.cutWhenSent('never_answered', { deliver: false })
  const lost = database.queries.selectFrom('server').select('server_nid as never_answered').execute()
  await expect(lost).rejects.toThrow('Connection terminated')
  await cut

  await expect(database.queries.selectFrom('server').select('server_nid').execute()).resolves.toEqual([])
  await database.close()
  await proxy.close()
  await testDatabase.close()
})
