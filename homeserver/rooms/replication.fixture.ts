import { randomUUID } from 'node:crypto'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import { placeEvent } from './build-event.ts'
import type { EventDraft } from './event-draft.ts'
import type { OpenRoom } from './open-room.ts'
import { openTestRooms, type TestRooms } from './room-services.fixture.ts'
import { LocalRoomWriter } from './room-writer.ts'
import type { TestDatabase } from '../../spec-tests/support/test-database.ts'

/** One server of a test without a network: its rooms, and what it has sent and not yet handed over. */
export interface Replica {
  readonly rooms: TestRooms
  readonly writer: LocalRoomWriter
  /** Events that this server made, oldest first. */
  readonly sent: SignedPdu[]
}

export async function openReplica(serverName: string, database?: TestDatabase): Promise<Replica> {
  const rooms = await openTestRooms(serverName, database)
  return { rooms, writer: new LocalRoomWriter(rooms.services), sent: [] }
}

/** Creates a public room and returns its id. */
export async function createOn(replica: Replica, versionId: RoomVersionId, creator: string): Promise<string> {
  const version = roomVersion(versionId)!
  const create = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: creator,
      ...(!version.roomIdIsCreateHash && {
        roomId: `!${randomUUID()}:${replica.rooms.services.serverName}`,
      }),
      content: { room_version: versionId, ...(version.creators === 'content' && { creator }) },
      originServerTs: Date.now(),
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    version,
    replica.rooms.services.signer,
  )
  const users = version.privilegedCreators ? {} : { [creator]: 100 }
  await replica.writer.submit(create.roomId, {
    kind: 'create',
    version: versionId,
    createEvent: create,
    drafts: [
      member(creator, 'join'),
      { type: 'm.room.power_levels', stateKey: '', sender: creator, content: { users, state_default: 0 } },
      { type: 'm.room.join_rules', stateKey: '', sender: creator, content: { join_rule: 'public' } },
    ],
  })
  return create.roomId
}

/** Lets a user of another server join, as `make_join` and `send_join` do. */
export async function joinThrough(
  resident: Replica,
  joining: Replica,
  roomId: string,
  userId: string,
): Promise<void> {
  const room = (await resident.writer.open(roomId))!
  const { fields } = await placeEvent(resident.rooms.services, room, member(userId, 'join'))
  const joinEvent = buildPdu(fields, room.head.version, joining.rooms.services.signer)
  const state = await stateOf(resident, room)
  await resident.writer.submit(roomId, { kind: 'receive', events: [{ event: joinEvent }] })
  const version = room.head.version.id
  await joining.writer.submit(roomId, { kind: 'adopt', version, joinEvent, state, authChain: state })
}

/** Sends on one server, to be handed over later. */
export async function sendOn(replica: Replica, roomId: string, ...drafts: EventDraft[]): Promise<string[]> {
  const ids: string[] = []
  for (const draft of drafts) {
    const { events } = await replica.writer.submit(roomId, { kind: 'send', drafts: [draft] })
    for (const event of events) {
      replica.sent.push(asSigned(event))
      ids.push(event.eventId)
    }
  }
  return ids
}

/** Hands everything over that one server has sent. */
export async function deliver(from: Replica, to: Replica, roomId: string): Promise<void> {
  for (const event of from.sent.splice(0))
    await to.writer.submit(roomId, { kind: 'receive', events: [{ event }] })
}

/** Hands over one event that comes without its causes, with the state before it. */
export async function receiveWithState(
  replica: Replica,
  event: SignedPdu,
  told: readonly RoomEvent[],
): Promise<void> {
  const state = told.map(asSigned)
  const learnt = await replica.writer.submit(event.roomId, { kind: 'learn-state', state, authChain: state })
  await replica.writer.submit(event.roomId, {
    kind: 'receive',
    events: [{ event, told: { before: learnt.stateRoot! }, missing: event.prevEvents }],
  })
}

/** The current state as readable text, place by place. */
export async function describeState(replica: Replica, roomId: string): Promise<Record<string, string>> {
  const room = (await replica.writer.open(roomId))!
  const events = await stateOf(replica, room)
  return Object.fromEntries(
    events.map((event) => [`${event.type}|${event.stateKey}`, event.eventId]).toSorted(),
  )
}

export function member(userId: string, membership: string, sender = userId): EventDraft {
  return { type: 'm.room.member', stateKey: userId, sender, content: { membership } }
}

export function topic(sender: string, text: string): EventDraft {
  return { type: 'm.room.topic', stateKey: '', sender, content: { topic: text } }
}

export function message(sender: string, body: string): EventDraft {
  return { type: 'm.room.message', sender, content: { msgtype: 'm.text', body } }
}

async function stateOf(replica: Replica, room: OpenRoom): Promise<SignedPdu[]> {
  const entries = await replica.rooms.services.trie.entries(room.head.roomNid, room.head.root)
  const events = await room.eventsByNid(entries.map(({ eventNid }) => eventNid))
  return [...events.values()].map(({ event }) => asSigned(event))
}

/** Events of these replicas were signed by them; the network that would prove it is what the test leaves out. */
function asSigned(event: RoomEvent): SignedPdu {
  return event as SignedPdu
}
