import { afterAll, beforeAll, expect, it } from 'vitest'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import { hostileWorld, type HostileWorld } from '../hostile/support/hostile-world.ts'
import { foundIds, searchMessages } from '../support/search-messages.ts'
import type { TestClient } from '../support/test-client.ts'

let world: HostileWorld
let alice: TestClient
let eve: TestClient
beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
  eve = await world.register('eve')
})
afterAll(() => world.close())

async function find(client: TestClient, term: string): Promise<unknown> {
  return (await client.call('POST', '/user_directory/search', { search_term: term }))['results']
}

it("finds another server's users by the name that they have where everybody can see it", async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const room = await joinAsPeer(world.peer, roomId, 'bob')
  const bob = room.userId
  const call = async (displayname: string): Promise<void> => {
    const content = { membership: 'join', displayname }
    const named = room.next({ type: 'm.room.member', stateKey: bob, content })
    expect(await world.peer.send({ pdus: [named.pdu] })).toEqual({ [named.eventId]: {} })
  }
  await call('Robert')
  for (const client of [alice, eve]) {
    expect(await find(client, 'robert')).toEqual([{ user_id: bob, display_name: 'Robert' }])
    expect(await find(client, bob)).toEqual([{ user_id: bob, display_name: 'Robert' }])
  }
  await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'invite' })
  expect(await find(eve, 'bob')).toEqual([])
  expect(await find(alice, 'bob')).toEqual([{ user_id: bob }])
  expect(await find(alice, 'robert')).toEqual([])
})

it("finds another server's messages, also those that come late", async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const room = await joinAsPeer(world.peer, roomId, 'bob')
  const said = [1, 2, 3].map((number) =>
    room.next({ content: { msgtype: 'm.text', body: `overseas ${number}` } }),
  )
  world.peer.answers.getMissingEvents = () => ({ events: said.slice(0, 2).map(({ pdu }) => pdu) })
  await world.peer.send({ pdus: [said[2]!.pdu] })
  await expect
    .poll(async () => foundIds(await searchMessages(alice, 'overseas')).toSorted())
    .toEqual(said.map(({ eventId }) => eventId).toSorted())
})
