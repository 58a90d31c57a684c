import type { EventDraft } from '../../homeserver/rooms/event-draft.ts'
import type { RoomServices } from '../../homeserver/rooms/room-services.ts'
import type { RoomWriter } from '../../homeserver/rooms/room-writer.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { sample, seededRandom } from '../../spec-tests/support/seeded-random.ts'
import { furnishing, joining, reactions, talk } from './room-drafts.ts'
import { otherIds, userIds, type Size } from './size.ts'

const VERSION = '12'

/** A room that is seeded, and what it takes to go on with it. */
export interface SeededRoom {
  readonly roomId: string
  readonly creator: string
  readonly members: readonly string[]
  readonly random: () => number
}

/** Makes one room through the room writer: who is in it, and what was said, follow from its number. */
export async function seedRoom(
  services: RoomServices,
  writer: RoomWriter,
  size: Size,
  number: number,
): Promise<SeededRoom> {
  const random = seededRandom(number + 1)
  const users = userIds(size)
  const creator = users[number % users.length]!
  const others = sample(otherIds(size), size.membersPerRoom - size.users, random)
  const members = sample([...users, ...others], size.membersPerRoom, random)
  const now = services.now()

  const version = roomVersion(VERSION)!
  const createEvent = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: creator,
      content: { room_version: VERSION },
      originServerTs: now - number,
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    version,
    services.signer,
  )
  const { roomId } = createEvent
  await writer.submit(roomId, {
    kind: 'create',
    version: VERSION,
    createEvent,
    drafts: furnishing(creator, `Room ${number}`),
  })
  const joins = members.filter((userId) => userId !== creator).map(joining)
  await writer.submit(roomId, { kind: 'send', drafts: joins })
  const room = { roomId, creator, members, random }
  await goOn(services, writer, room, size.messagesPerRoom)
  return room
}

/** More talk in a room, some reactions to it, and another topic. */
export async function goOn(
  services: RoomServices,
  writer: RoomWriter,
  { roomId, creator, members, random }: SeededRoom,
  messages: number,
): Promise<void> {
  const send = async (drafts: readonly EventDraft[]): Promise<readonly string[]> =>
    (await writer.submit(roomId, { kind: 'send', drafts })).eventIds
  const topic = { topic: `Number ${Math.floor(random() * 1e9)}` }
  await send([{ type: 'm.room.topic', stateKey: '', sender: creator, content: topic }])
  const said = await send(talk(members, messages, services.now(), random))
  await send(reactions(said, members, random))
}
