import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'
import { logIn } from './to-device.fixture.ts'

let server: TestServer
let phone: TestClient
let laptop: TestClient
beforeAll(async () => {
  const strict = { per_second: 0.001, burst_count: 2 }
  server = await startTestServer({ config: { rc_to_device: strict, rc_key_requests: strict } })
  phone = await server.register('alice', 'PHONE')
  laptop = await logIn(server.anonymous(), 'alice', 'LAPTOP')
})
afterAll(() => server.close())

let count = 0
const send = async (device: TestClient, type: string) => {
  const path = `/_matrix/client/v3/sendToDevice/${type}/t${++count}`
  return (await device.request('PUT', path, { messages: { [phone.userId]: { '*': {} } } })).status
}

test('requests of a device are limited, those for room keys by themselves', async () => {
  for (const device of [phone, laptop]) {
    for (const type of ['org.example', 'm.room_key_request']) {
      expect([await send(device, type), await send(device, type), await send(device, type)]).toEqual([
        200, 200, 429,
      ])
    }
  }
})
