import { placeEvent } from '../../homeserver/rooms/build-event.ts'
import { createOn, member, type Replica } from '../../homeserver/rooms/replication.fixture.ts'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { SignedPdu } from '../../protocol/events/room-event.ts'

/** A room of ours with one user of each of many other servers in it. */
export interface CrowdedRoom {
  readonly roomId: string
  readonly creator: string
  readonly servers: readonly string[]
}

/** Makes one. The joins are taken in as if they had come through us. */
export async function crowdedRoom(replica: Replica, count: number): Promise<CrowdedRoom> {
  const creator = `@alice:${replica.rooms.services.serverName}`
  const roomId = await createOn(replica, '11', creator)
  const servers = Array.from({ length: count }, (_, index) => `s${index}.test`)
  const key = createSigningKey(createSeed(), 'test')
  for (const serverName of servers) {
    const room = (await replica.writer.open(roomId))!
    const { fields } = await placeEvent(replica.rooms.services, room, member(`@user:${serverName}`, 'join'))
    const signer = { serverName, keyId: key.keyId, privateKey: key.privateKey }
    const event: SignedPdu = buildPdu(fields, room.head.version, signer)
    await replica.writer.submit(roomId, { kind: 'receive', events: [{ event }] })
  }
  return { roomId, creator, servers }
}
