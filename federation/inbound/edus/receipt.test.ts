import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { receiptOf } from '../../../storage/rooms/receipt-write.ts'
import { joinAsPeer } from '../../test-support/peer-room.ts'
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

it('receipts that go back tell nobody anything', async () => {
  const roomId = await here.createRoom(alice)
  const room = await joinAsPeer(peer, roomId, 'bob')
  const say = (body: string) =>
    here.send(roomId, { type: 'm.room.message', sender: alice.userId, content: { body } })
  const [older, newer, newest] = [await say('1'), await say('2'), await say('3')]
  const told: string[] = []
  here.actions.services.committer.onCommit((writes) => {
    for (const write of writes) {
      const receipt = receiptOf(write)
      if (receipt) told.push(receipt.eventId)
    }
  })
  for (const eventId of [newer, older, newer, newest]) {
    const ofRoom = { 'm.read': { [room.userId]: { event_ids: [eventId], data: { ts: 1 } } } }
    await peer.send({ edus: [{ edu_type: 'm.receipt', content: { [roomId]: ofRoom } }] })
  }
  expect(told).toEqual([newer, newest])
})
