import { expect, it } from 'vitest'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import { PeerRoom } from '../../test-support/peer-room.ts'
import { privateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

const BOB = '@bob:there.test'
const STRICT = '{ per_second: 0.001, burst_count: 1 }'
const GENEROUS = '{ per_second: 10000, burst_count: 10000 }'

let peer: ScriptedPeer

/** Each has a peer of its own, which remembers where the server was. */
async function withServer(config: string, test: (here: ResidentServer) => Promise<void>): Promise<void> {
  const network = await privateNetwork()
  const here = await residentServer(network, 'here.test', config)
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  try {
    await test(here)
  } finally {
    await peer.server.close()
    await here.close()
    await network.close()
  }
}

/** A room of the peer's own. */
function peerRoom(): PeerRoom {
  const version = roomVersion('12')!
  const { signer } = peer.server.ownKeys
  const create = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: BOB,
      content: { room_version: '12', number: Math.random().toString() },
      originServerTs: Date.now(),
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    version,
    signer,
  )
  const room = new PeerRoom(signer, BOB, version, create)
  room.learn(create)
  room.next({ type: 'm.room.member', stateKey: BOB, content: { membership: 'join' } })
  return room
}

async function invite(room: PeerRoom, target: string): Promise<number> {
  const event = room.build({ type: 'm.room.member', stateKey: target, content: { membership: 'invite' } })
  const path = `${encodeURIComponent(room.roomId)}/${encodeURIComponent(event.eventId)}`
  const answer = await peer.request('PUT', `/_matrix/federation/v2/invite/${path}`, {
    room_version: room.version.id,
    event: event.pdu,
    invite_room_state: Array.from(room.state.values(), ({ pdu }) => pdu),
  })
  return answer.status
}

it('invites of one user by other servers are limited, whatever rooms they are to', () =>
  withServer(`rc_invites: { per_room: ${GENEROUS}, per_user: ${STRICT} }\n`, async (here) => {
    const [alice, carol] = [await here.user('alice'), await here.user('carol')]
    expect(await invite(peerRoom(), alice.userId)).toBe(200)
    expect(await invite(peerRoom(), alice.userId)).toBe(429)
    expect(await invite(peerRoom(), carol.userId)).toBe(200)
  }))

it('invites to one room by other servers are limited, whoever they are for', () =>
  withServer(`rc_invites: { per_room: ${STRICT}, per_user: ${GENEROUS} }\n`, async (here) => {
    const [alice, carol] = [await here.user('alice'), await here.user('carol')]
    const [one, other] = [peerRoom(), peerRoom()]
    expect(await invite(one, alice.userId)).toBe(200)
    expect(await invite(one, carol.userId)).toBe(429)
    expect(await invite(other, carol.userId)).toBe(200)
  }))
