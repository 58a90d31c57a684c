import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { fromTemplate, joinAsPeer, makeTarget } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let alice: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(
    network,
    'here.test',
    'rc_joins_per_room: { per_second: 0.001, burst_count: 1 }\n',
  )
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  alice = await here.user('alice')
})
afterAll(async () => {
  await peer.server.close()
  await here.close()
  await network.close()
})

async function join(roomId: string, userId: string) {
  const made = await peer.request('GET', makeTarget('make_join', roomId, userId))
  const { event } = fromTemplate(peer, made.body)
  const target = `/_matrix/federation/v2/send_join/${encodeURIComponent(roomId)}/${encodeURIComponent(event.eventId)}`
  return { target, event, answer: await peer.request('PUT', target, event.pdu) }
}

it('users of other servers join a room no faster than it may grow, and a retry is no further join', async () => {
  const [one, other] = [await here.createRoom(alice), await here.createRoom(alice)]
  const first = await join(one, '@bob:there.test')
  expect(first.answer.status).toBe(200)
  expect((await join(one, '@carol:there.test')).answer).toMatchObject({
    status: 429,
    errcode: 'M_LIMIT_EXCEEDED',
  })
  expect(await peer.request('PUT', first.target, first.event.pdu)).toMatchObject({ status: 200 })
  await joinAsPeer(peer, other, 'carol')
})
