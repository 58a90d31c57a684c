import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const encoded = encodeURIComponent

async function register(url: string, localpart: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(localpart)
  return client
}

async function stateOf(client: TestClient, roomId: string, type: string, key = ''): Promise<Json> {
  const path = `/_matrix/client/v3/rooms/${encoded(roomId)}/state/${type}/${encoded(key)}`
  return (await client.request('GET', path)).body
}

async function knock(client: TestClient, roomId: string) {
  return client.request('POST', `/_matrix/client/v3/knock/${encoded(roomId)}?via=north.test`, {})
}

test('members of a space come from another region, others knock, and all follow into the next room', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const alice = await register(pair.north.url, 'alice')
    const bob = await register(pair.south.url, 'bob')
    const carol = await register(pair.south.url, 'carol')
    const space = await alice.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' } })
    const allow = [{ type: 'm.room_membership', room_id: space }]
    const rule = { join_rule: 'knock_restricted', allow }
    const oldRoom = await alice.createRoom({
      room_version: '10',
      initial_state: [{ type: 'm.room.join_rules', content: rule }],
    })

    await expect(bob.join(oldRoom, ['north.test'])).rejects.toThrow('403')
    await bob.join(space, ['north.test'])
    await bob.join(oldRoom, ['north.test'])
    expect(await stateOf(alice, oldRoom, 'm.room.member', bob.userId)).toMatchObject({
      join_authorised_via_users_server: alice.userId,
    })
    expect((await knock(carol, oldRoom)).status).toBe(200)
    await eventually(
      'the knock',
      async () => (await stateOf(alice, oldRoom, 'm.room.member', carol.userId))['membership'] === 'knock',
    )
    await alice.call('POST', `/rooms/${encoded(oldRoom)}/invite`, { user_id: carol.userId })
    await carol.join(oldRoom)

    await bob.call('PUT', `/pushrules/global/room/${encoded(oldRoom)}`, { actions: [] })
    const answer = await alice.call('POST', `/rooms/${encoded(oldRoom)}/upgrade`, { new_version: '12' })
    const newRoom = String(answer['replacement_room'])
    await eventually(
      'the tombstone',
      async () => (await stateOf(bob, oldRoom, 'm.room.tombstone'))['replacement_room'] === newRoom,
    )
    await bob.join(newRoom, ['north.test'])
    expect(await stateOf(bob, newRoom, 'm.room.join_rules')).toEqual(rule)
    expect((await knock(carol, newRoom)).status).toBe(200)
    await eventually('the push rule', async () => {
      const rules = (await bob.call('GET', '/pushrules/global/'))['room'] as Json[]
      return rules.some((known) => known['rule_id'] === newRoom)
    })
  })
}, 90_000)
