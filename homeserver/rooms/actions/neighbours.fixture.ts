import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import type { RoomEvent, SignedPdu } from '../../../protocol/events/room-event.ts'
import { signPdu } from '../../../protocol/events/sign.ts'
import { toStrippedState } from '../../../protocol/events/stripped-state.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import { AppServices } from '../../appservices/app-services.ts'
import { RateLimiter } from '../../rate-limits/rate-limiter.ts'
import type { RateLimits } from '../../rate-limits/rate-limits.ts'
import { SentTransactions } from '../../sync/sent-transactions.ts'
import { placeEvent } from '../build-event.ts'
import type { RemoteMembership, RemoteServers } from '../remote-servers.ts'
import { openReplica, type Replica } from '../replication.fixture.ts'
import { createRoomActions, type RoomActions } from './room-actions.ts'
import { strippedStateOf } from './stripped-state-of.ts'

/** Two servers in one process, which ask each other without a network between them. */
export interface Neighbours {
  readonly here: RoomActions
  readonly there: RoomActions
  /** Questions that were asked, by their names, in order. */
  readonly asked: string[]
  /** Whether nobody answers. */
  cut: boolean
  close(): Promise<void>
}

export async function openNeighbours(): Promise<Neighbours> {
  const replicas = [await openReplica('here.test'), await openReplica('there.test')] as const
  const neighbours = {
    asked: [] as string[],
    cut: false,
    close: async () => void (await Promise.all(replicas.map(({ rooms }) => rooms.close()))),
  }
  const ask = (question: string): void => {
    neighbours.asked.push(question)
    if (neighbours.cut) throw new MatrixError(502, 'M_UNKNOWN', 'Nobody answers')
  }
  const [here, there] = replicas
  return Object.assign(neighbours, {
    here: actionsOf(here, remoteOf(here, there, ask)),
    there: actionsOf(there, remoteOf(there, here, ask)),
  })
}

function actionsOf({ rooms, writer }: Replica, remote: RemoteServers): RoomActions {
  const unlimited = new RateLimiter({ perSecond: 1_000, burstCount: 1_000 })
  return createRoomActions({
    services: rooms.services,
    writer,
    remote,
    limits: new Proxy({} as RateLimits, { get: () => unlimited }),
    appServices: new AppServices([]),
    sent: new SentTransactions(),
    config: {
      defaultRoomVersion: '12',
      encryptByDefault: 'off',
      redactionRetentionMs: 0,
      forgetOnLeave: false,
      blockNonAdminInvites: false,
      publicRoomsWithoutAuth: false,
      roomListSearch: false,
      profilesNeedAuth: false,
      profilesNeedSharedRoom: false,
      threadSubscriptions: false,
    },
  })
}

/** Does what federation does, with the neighbour's rooms at hand. */
function remoteOf(own: Replica, other: Replica, ask: (question: string) => void): RemoteServers {
  const enter = async (roomId: string, userId: string, content: JsonObject): Promise<SignedPdu> => {
    const room = await other.writer.open(roomId)
    if (!room) throw new MatrixError(404, 'M_NOT_FOUND', 'No such room there')
    const draft = { type: 'm.room.member', stateKey: userId, sender: userId, content }
    const { fields } = await placeEvent(other.rooms.services, room, draft)
    return buildPdu(fields, room.head.version, own.rooms.services.signer)
  }
  const change = async (
    roomId: string,
    userId: string,
    content: JsonObject,
    membership: string,
  ): Promise<RemoteMembership> => {
    ask(membership)
    const event = await enter(roomId, userId, { ...content, membership })
    await other.writer.submit(roomId, { kind: 'receive', events: [{ event }] })
    const shown = await strippedStateOf((await other.writer.open(roomId))!, userId)
    return { version: event.version.id, event, strippedState: shown.map(toStrippedState) }
  }
  return {
    join: async (roomId, userId, content) => {
      ask('join')
      const joinEvent = await enter(roomId, userId, { ...content, membership: 'join' })
      const state = await stateOf(other, roomId)
      await other.writer.submit(roomId, { kind: 'receive', events: [{ event: joinEvent }] })
      return { version: joinEvent.version.id, joinEvent, state, authChain: state }
    },
    leave: (roomId, userId, content) => change(roomId, userId, content, 'leave'),
    knock: (roomId, userId, content) => change(roomId, userId, content, 'knock'),
    invite: async (event, shown) => {
      ask('invite')
      if (event.stateKey?.startsWith('@blocked')) throw new MatrixError(403, 'M_INVITE_BLOCKED', 'No')
      const signed = signPdu(event.pdu, event.version, other.rooms.services.signer)
      await storeInvite(other, event, shown.map(toStrippedState))
      return parsePdu(signed, event.version) as RoomEvent as SignedPdu
    },
    recommend: () => Promise.reject(new MatrixError(502, 'M_UNKNOWN', 'No policy server there')),
    resolveAlias: () => Promise.resolve(undefined),
    profile: () => Promise.resolve(undefined),
    backfill: () => Promise.resolve(0),
  }
}

async function storeInvite(
  { rooms }: Replica,
  event: RoomEvent,
  shown: readonly JsonObject[],
): Promise<void> {
  const { interner, committer, serverName } = rooms.services
  if (serverOf(event.stateKey!) !== serverName) throw new TypeError('invited at the wrong server')
  await committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid: await interner.userNid(event.stateKey!),
    roomNid: await interner.roomNid(event.roomId, event.version.id),
    membership: 'invite',
    senderNid: await interner.userNid(event.sender),
    eventPdu: Buffer.from(JSON.stringify(event.pdu)),
    strippedState: Buffer.from(JSON.stringify(shown)),
  })
}

async function stateOf({ rooms, writer }: Replica, roomId: string): Promise<SignedPdu[]> {
  const room = (await writer.open(roomId))!
  const entries = await rooms.services.trie.entries(room.head.roomNid, room.head.root)
  const events = await room.eventsByNid(entries.map(({ eventNid }) => eventNid))
  return [...events.values()].map(({ event }) => event as SignedPdu)
}
