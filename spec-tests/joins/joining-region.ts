import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  syntheticResident,
  syntheticSigner,
  type SyntheticResident,
} from '../../federation/test-support/synthetic-resident.ts'
import { SyntheticRoom } from '../../federation/test-support/synthetic-room.ts'
import { signText } from '../../protocol/crypto/ed25519.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import { signedRequest } from '../hostile/support/signed-request.ts'
import { openLink } from '../support/link.ts'
import { createPrivateAuthority } from '../support/private-authority.ts'
import { createRegion, type Region } from '../support/region.ts'
import { createTestDatabase } from '../support/test-database.ts'

/** Root's PostgreSQL runs under another account, which must get through to its data. */
const PASSABLE = 0o711
export const HERE = 'here.test'
export const RESIDENT = 'resident.test'

/** A server in a process of its own, and a resident of rooms that it joins. */
export interface JoiningRegion {
  readonly region: Region
  readonly resident: SyntheticResident
  /** A room of the resident's. */
  room(version: RoomVersionId, members: number): SyntheticRoom
  /** Sends events to the server as the resident does. */
  send(...events: readonly RoomEvent[]): Promise<void>
  /** Asks the server as the resident does. */
  ask(target: string): Promise<{ readonly status: number; readonly text: string }>
  close(): Promise<void>
}

/** Starts both. @param embedded whether the server has the database that it brings along, which is durable. */
export async function joiningRegion(embedded = false): Promise<JoiningRegion> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-joins-'))
  await chmod(directory, PASSABLE)
  const caPath = join(directory, 'authority.crt')
  const authority = await createPrivateAuthority(caPath)
  const signer = syntheticSigner(RESIDENT)
  const resident = await syntheticResident(signer, await authority.issue(RESIDENT))
  const database = embedded ? undefined : await createTestDatabase()
  const link = await openLink()
  const region = await createRegion({
    serverName: HERE,
    authority,
    directory: join(directory, 'here'),
    database: database?.address,
    peers: new Map([[RESIDENT, resident.port]]),
    federationLinks: [link],
  })
  await region.start()
  const own = {
    serverName: RESIDENT,
    server: {
      ownKeys: {
        sign: (text: string) => ({ keyId: signer.keyId, signature: signText(text, signer.privateKey) }),
      },
    },
  }
  const to = { serverName: HERE, port: link.port, caPath }
  let transactions = 0
  return {
    region,
    resident,
    room(version, members) {
      const room = new SyntheticRoom(version, signer, members)
      resident.rooms.set(room.roomId, room)
      return room
    },
    async send(...events) {
      const body = { origin: RESIDENT, origin_server_ts: 1, pdus: events.map(({ pdu }) => pdu) }
      const target = `/_matrix/federation/v1/send/t${Date.now()}-${transactions++}`
      const answer = await signedRequest(own, to, 'PUT', target, JSON.stringify(body))
      if (answer.status !== 200)
        throw new Error(`the transaction was answered ${answer.status}: ${answer.text}`)
    },
    ask: (target) => signedRequest(own, to, 'GET', target),
    async close() {
      await region.close()
      await resident.close()
      await link.close()
      await database?.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
