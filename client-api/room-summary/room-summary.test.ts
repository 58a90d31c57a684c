import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
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

function ask(client: TestClient, room: string, path = (name: string) => `v1/room_summary/${name}`) {
  return client.request('GET', `/_matrix/client/${path(encodeURIComponent(room))}`)
}

describe('the summary of a room', () => {
  it('tells all of it, by id or alias, under old paths too', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      name: 'Hall',
      topic: 'Talk',
      room_alias_name: 'hall',
      room_version: '11',
      creation_content: { type: 'm.space' },
      initial_state: [
        { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
        { type: 'm.room.avatar', content: { url: 'mxc://here.test/hall' } },
        { type: 'm.room.guest_access', content: { guest_access: 'can_join' } },
      ],
    })
    const summary = {
      room_id: roomId,
      name: 'Hall',
      topic: 'Talk',
      avatar_url: 'mxc://here.test/hall',
      canonical_alias: '#hall:here.test',
      num_joined_members: 1,
      world_readable: false,
      guest_can_join: true,
      join_rule: 'public',
      room_type: 'm.space',
      room_version: '11',
      encryption: 'm.megolm.v1.aes-sha2',
    }
    expect((await ask(alice, roomId)).body).toEqual({ ...summary, membership: 'join' })
    expect((await ask(bob, '#hall:here.test')).body).toEqual({ ...summary, membership: 'leave' })
    expect((await ask(server.anonymous(), roomId)).body).toEqual(summary)
    for (const path of ['rooms/NAME/summary', 'summary/NAME']) {
      const unstable = (name: string) => `unstable/im.nheko.summary/${path.replace('NAME', name)}`
      expect((await ask(bob, roomId, unstable)).body).toMatchObject(summary)
    }
  })

  it('is for those who may see it', async () => {
    const roomId = await alice.createRoom({ preset: 'private_chat' })
    for (const client of [bob, server.anonymous()]) {
      const answer = await ask(client, roomId)
      expect([answer.status, answer.body['errcode']]).toEqual([404, 'M_NOT_FOUND'])
    }
    await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: bob.userId })
    expect((await ask(bob, roomId)).body).toMatchObject({ join_rule: 'invite', membership: 'invite' })
    expect((await ask(alice, '#nothing:here.test')).status).toBe(404)
    expect((await ask(alice, 'nonsense')).status).toBe(400)
  })
})
