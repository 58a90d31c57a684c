import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

const encoded = encodeURIComponent

async function settle(user: TestClient, roomId: string): Promise<void> {
  await user.call('PUT', `/pushrules/global/room/${encoded(roomId)}`, { actions: [] })
  await user.call('PUT', `/user/${user.userId}/rooms/${encoded(roomId)}/account_data/m.tag`, TAGS)
  await user.call('PUT', `/user/${user.userId}/account_data/m.direct`, { [alice.userId]: [roomId], x: 1 })
}

async function settingsOf(user: TestClient, roomId: string): Promise<Json> {
  const rules = (await user.call('GET', '/pushrules/global/'))['room'] as Json[]
  const path = `/_matrix/client/v3/user/${user.userId}`
  return {
    rule: rules.some((rule) => rule['rule_id'] === roomId),
    tags: (await user.request('GET', `${path}/rooms/${encoded(roomId)}/account_data/m.tag`)).body,
    direct: (
      (await user.request('GET', `${path}/account_data/m.direct`)).body[alice.userId] as string[]
    ).includes(roomId),
  }
}

const TAGS = { tags: { 'm.favourite': { order: 0.5 } } }
/** Settings are copied after the join is answered. */
const PATIENT = { timeout: 20_000 }
const FOLLOWED = { rule: true, tags: TAGS, direct: true }

it('follow the users of an upgraded room, whether they come before or after it is closed', async () => {
  const oldRoom = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(oldRoom)
  await settle(alice, oldRoom)
  await settle(bob, oldRoom)
  const answer = await alice.call('POST', `/rooms/${encoded(oldRoom)}/upgrade`, { new_version: '11' })
  const newRoom = String(answer['replacement_room'])
  await bob.join(newRoom)
  await expect.poll(() => settingsOf(alice, newRoom), PATIENT).toEqual(FOLLOWED)
  await expect.poll(() => settingsOf(bob, newRoom), PATIENT).toEqual(FOLLOWED)
})

it('do not go to a room that only says that it is the successor', async () => {
  const oldRoom = await alice.createRoom({ preset: 'public_chat' })
  await settle(alice, oldRoom)
  const predecessor = { room_id: oldRoom }
  const claim = await bob.createRoom({ preset: 'public_chat', creation_content: { predecessor } })
  await alice.join(claim)
  const real = await alice.createRoom({ creation_content: { predecessor } })
  await alice.setState(oldRoom, 'm.room.tombstone', { body: 'b', replacement_room: real })
  await expect.poll(() => settingsOf(alice, real), PATIENT).toEqual(FOLLOWED)
  expect(await settingsOf(alice, claim)).toMatchObject({ rule: false, direct: false })
})

it('the place in the directory goes to the new room', async () => {
  const oldRoom = await alice.createRoom({ preset: 'public_chat', visibility: 'public' })
  const visibilityOf = async (roomId: string) =>
    (await alice.call('GET', `/directory/list/room/${encoded(roomId)}`))['visibility']
  expect(await visibilityOf(oldRoom)).toBe('public')
  const answer = await alice.call('POST', `/rooms/${encoded(oldRoom)}/upgrade`, { new_version: '11' })
  expect(await visibilityOf(String(answer['replacement_room']))).toBe('public')
  expect(await visibilityOf(oldRoom)).toBe('private')
})
