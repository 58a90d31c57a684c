import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import type { RoomWish } from '../../../homeserver/rooms/actions/create-room/room-wish.ts'
import type { JsonValue } from '../../../protocol/json/value.ts'
import { joinAsPeer, listOf } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let alice: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(network, 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  alice = await here.user('alice')
})
afterAll(async () => {
  await peer.server.close()
  await here.close()
  await network.close()
})

function ask(roomId: string, query = '') {
  return peer.request('GET', `/_matrix/federation/v1/hierarchy/${encodeURIComponent(roomId)}${query}`)
}

function space(wish: Partial<RoomWish> = {}): Promise<string> {
  return here.createRoom(alice, { creationContent: { type: 'm.space' }, ...wish })
}

function withRule(join_rule: string, allowed?: string): Partial<RoomWish> {
  const allow = allowed === undefined ? [] : [{ type: 'm.room_membership', room_id: allowed }]
  return { initialState: [{ type: 'm.room.join_rules', stateKey: '', content: { join_rule, allow } }] }
}

async function link(parent: string, child: string, suggested = false): Promise<void> {
  const content = { via: ['here.test'], suggested }
  await here.send(parent, { type: 'm.space.child', stateKey: child, sender: alice.userId, content })
}

function ids(answer: JsonValue): unknown[] {
  return listOf(answer, 'children').map((room) => room['room_id'])
}

describe('what another server is told of a space', () => {
  it('is the space, the children that its users could see, and which they could not', async () => {
    const root = await space()
    const inner = await space()
    const closed = await here.createRoom(alice, withRule('invite'))
    const local = await here.createRoom(alice, { creationContent: { 'm.federate': false } })
    for (const child of [inner, closed, local, '!elsewhere:gone.test'])
      await link(root, child, child === inner)
    await link(inner, closed)
    const { body } = await ask(root)
    expect(body).toMatchObject({ room: { room_id: root, room_type: 'm.space', num_joined_members: 1 } })
    expect(ids(body)).toEqual([inner])
    expect(body).toMatchObject({ inaccessible_children: [closed, local] })
    expect(listOf(body, 'children')[0]).not.toHaveProperty('children_state')
    const suggested = (await ask(root, '?suggested_only=true')).body
    expect(suggested).toMatchObject({
      room: { children_state: [{ state_key: inner }] },
      inaccessible_children: [],
    })
  })

  it('follows who is in the rooms that a restricted room names', async () => {
    const root = await space()
    const restricted = await here.createRoom(alice, withRule('restricted', root))
    await link(root, restricted)
    expect(ids((await ask(root)).body)).toEqual([])
    expect((await ask(restricted)).status).toBe(404)
    await joinAsPeer(peer, root, 'bob')
    expect(ids((await ask(root)).body)).toEqual([restricted])
    expect((await ask(restricted)).body).toMatchObject({ room: { allowed_room_ids: [root] } })
  })

  it('is nothing of rooms that are closed or not here', async () => {
    for (const roomId of [await space(withRule('invite')), '!unknown:here.test', 'nonsense']) {
      expect(await ask(roomId)).toMatchObject({ status: 404, errcode: 'M_NOT_FOUND' })
    }
  })
})
