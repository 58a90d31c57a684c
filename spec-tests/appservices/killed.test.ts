import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAppService, type TestAppService } from '../support/app-service.ts'
import { eventually } from '../support/eventually.ts'
import { startMortalServer, type MortalServer } from '../support/mortal-server.ts'
import { messagesIn, transactionId } from '../support/service-transactions.ts'
import { TestClient } from '../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let bridge: TestAppService
let server: MortalServer

const start = () =>
  startMortalServer(database.address, { app_service_config_files: [bridge.registrationFile] })

beforeAll(async () => {
  database = await createTestDatabase()
  bridge = await startAppService()
  server = await start()
})
afterAll(async () => {
  await server.close()
  await bridge.close()
  await database.close()
})

test('SIGKILL in the middle of transactions loses nothing, and the one under way comes again as it was', async () => {
  const person = new TestClient(server.url)
  await person.register('person')
  const roomId = await person.createRoom({ preset: 'public_chat' })
  await bridge.actor(server.url).join(roomId)
  const said: string[] = []
  for (let round = 0; round < 2; round++) {
    const speaker = new TestClient(server.url)
    speaker.token = person.token
    const held = bridge.requests.length
    // It has the transaction and never says so.
    bridge.handle(() => new Promise(() => {}))
    for (let count = 0; count < 20; count++) {
      said.push(`${round}-${count}`)
      await speaker.say(roomId, said.at(-1)!, `t${round}-${count}`)
    }
    const first = await eventually('a transaction that is not answered', () => bridge.requests[held])
    await server.kill9()
    const before = bridge.requests.length
    bridge.handle(() => ({ status: 200 }))
    server = await start()
    const again = await eventually('the transaction again', () => bridge.requests[before])
    expect([transactionId(again), again.body]).toEqual([transactionId(first), first.body])
  }
  await eventually('everything', () => messagesIn(bridge, roomId).length >= said.length)
  expect(messagesIn(bridge, roomId)).toEqual(said)
}, 120_000)
