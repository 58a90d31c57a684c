import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostileWorld, type HostileWorld } from '../../../spec-tests/hostile/support/hostile-world.ts'
import { signedRequest } from '../../../spec-tests/hostile/support/signed-request.ts'

let world: HostileWorld
beforeAll(async () => {
  const strict = { per_second: 0.001, burst_count: 3 }
  world = await hostileWorld({ rc_key_requests: strict, rc_server_key_queries: strict })
})
afterAll(() => world.close())

const ask = async (method: string, path: string, body?: string) => {
  const { status } = await signedRequest(world.peer, world.federation, method, path, body)
  return status
}

test('a server that asks for keys of users without end has to wait', async () => {
  const { userId } = await world.register('alice')
  const base = '/_matrix/federation/v1/user'
  expect(await ask('POST', `${base}/keys/query`, JSON.stringify({ device_keys: { [userId]: [] } }))).toBe(200)
  expect(await ask('POST', `${base}/keys/claim`, JSON.stringify({ one_time_keys: {} }))).toBe(200)
  expect(await ask('GET', `${base}/devices/${encodeURIComponent(userId)}`)).toBe(200)
  expect(await ask('POST', `${base}/keys/query`, JSON.stringify({ device_keys: {} }))).toBe(429)
})

test('so has who asks for the keys of servers', async () => {
  const statuses = []
  for (let n = 0; n < 4; n++) statuses.push(await ask('GET', '/_matrix/key/v2/query/here.test'))
  expect(statuses).toEqual([200, 200, 200, 429])
})
