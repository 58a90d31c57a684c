import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { forge } from './support/forge.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { signedRequest } from './support/signed-request.ts'

const BOB = `@bob:${THERE}`

let world: HostileWorld
let alice: TestClient
let count = 0

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
})
afterAll(() => world.close())

/** Invites Alice to a room that begins with this content, and says that it is of version `said`. */
async function invite(versionId: string, content: JsonObject, said: string = versionId) {
  const version = roomVersion(versionId)!
  const number = ++count
  const base = { sender: BOB, origin_server_ts: number, depth: 1, prev_events: [], auth_events: [] }
  const create = forge(
    world.peer,
    {
      ...base,
      type: 'm.room.create',
      state_key: '',
      content: { creator: BOB, room_version: versionId, ...content },
      ...(!version.roomIdIsCreateHash && { room_id: `!r${number}:${THERE}` }),
    },
    version,
  )
  const roomId = version.roomIdIsCreateHash ? `!${create.eventId.slice(1)}` : `!r${number}:${THERE}`
  const member = { type: 'm.room.member', state_key: alice.userId, content: { membership: 'invite' } }
  const event = forge(world.peer, { ...base, ...member, depth: 2, room_id: roomId }, version)
  const body = { room_version: said, event: event.pdu, invite_room_state: [create.pdu] }
  const target = `/_matrix/federation/v2/invite/${encodeURIComponent(roomId)}/${encodeURIComponent(event.eventId)}`
  const answer = await signedRequest(world.peer, world.federation, 'PUT', target, JSON.stringify(body))
  expectSound(JSON.stringify(body), answer.status, answer.text)
  return { roomId, status: answer.status }
}

async function invitedRooms(): Promise<string[]> {
  const rooms = (await alice.sync())['rooms'] as { invite?: object } | undefined
  return Object.keys(rooms?.invite ?? {})
}

const CONTENTS: Readonly<Record<string, JsonObject>> = {
  'a predecessor that is a text': { predecessor: '!old:here.test' },
  'a predecessor of the wrong shape': { predecessor: { room_id: 7, event_id: [] } },
  'additional creators that are no list': { additional_creators: 'x' },
  'additional creators twice': { additional_creators: [BOB, BOB] },
  'additional creators who are no users': { additional_creators: ['x', '', '@\0:x', 7, null] },
  'a room version that is a number': { room_version: 12 },
  'a room version that nobody knows': { room_version: 'x'.repeat(3_000) },
  'a type that is a list': { type: ['m.space'] },
  'federation that is a text': { 'm.federate': 'no' },
  'a creator that is a number': { creator: 7 },
  'keys of the prototype': parseJson('{"__proto__":{"room_version":"1"},"constructor":1}') as JsonObject,
}

describe.each(['10', '11', '12'])('an invite to a room of version %s with', (version) => {
  test.each(Object.entries(CONTENTS))('%s is shown or refused', async (_, content) => {
    const { roomId, status } = await invite(version, content)
    expect([200, 400, 403]).toContain(status)
    expect((await invitedRooms()).includes(roomId)).toBe(status === 200)
    expect(world.takeFailures()).toEqual([])
  })
})

test.each([
  ['10', '12'],
  ['12', '10'],
  ['10', '1'],
  ['12', 'org.example.13'],
  ['12', '\0'],
  ['12', '__proto__'],
])('a room of version %s that is said to be of version %s is refused', async (version, said) => {
  const { roomId, status } = await invite(version, {}, said)
  expect(status).toBe(400)
  expect(await invitedRooms()).not.toContain(roomId)
  expect(world.takeFailures()).toEqual([])
})

test('and after all of it an honest invite is shown', async () => {
  const { roomId, status } = await invite('12', {})
  expect(status).toBe(200)
  expect(await invitedRooms()).toContain(roomId)
})
