import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import { STREAM_START, type StreamPosition } from '../../../storage/position/position.ts'
import { createRoom } from '../../rooms/actions/create-room/create-room.ts'
import { joinRoom } from '../../rooms/actions/join-room.ts'
import { leaveRoom } from '../../rooms/actions/leave-room.ts'
import { openNeighbours, type Neighbours } from '../../rooms/actions/neighbours.fixture.ts'
import { sendMessage } from '../../rooms/actions/send-message.ts'
import type { AppService } from '../registration/app-service.ts'
import { readRegistration } from '../registration/registration-file.ts'
import { RoomInterest } from './room-interest.ts'

const SERVICES = 20
const MESSAGES = 300

let neighbours: Neighbours
const seen: { stored: StoredEvent; position: StreamPosition }[] = []

beforeAll(async () => {
  neighbours = await openNeighbours()
  const { events, committer } = neighbours.here.services
  committer.onCommit((writes) => {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (write?.live) seen.push({ stored: events.peek(write.row.eventNid)!, position: committed.position })
    }
  })
})
afterAll(() => neighbours.close())

function service(index: number): AppService {
  const text = `{ id: s${index}, url: null, as_token: a${index}, hs_token: h, sender_localpart: bot${index},
    namespaces: { users: [{ regex: "@ghost${index}_.*", exclusive: true }] } }`
  return readRegistration(text, 'test.yaml', 'here.test').service
}

async function local(localpart: string) {
  const userId = `@${localpart}:here.test`
  return { userId, userNid: await neighbours.here.services.interner.userNid(userId), deviceId: 'D' }
}

test('costs some queries a room, and none an event or a service', async () => {
  const { here } = neighbours
  const alice = await local('alice')
  const roomId = await createRoom(here, alice, {
    version: undefined,
    preset: 'public_chat',
    creationContent: {},
    powerLevelOverride: {},
    initialState: [],
    aliasLocalpart: undefined,
    name: undefined,
    topic: undefined,
    invite: [],
    isDirect: false,
  })
  await joinRoom(here, await local('ghost3_x'), { roomId, servers: [], content: {} })
  const say = (n: number) =>
    sendMessage(here, alice, {
      roomId,
      type: 'm.room.message',
      txnId: `t${n}`,
      content: { msgtype: 'm.text', body: 'x' },
    })
  for (let n = 0; n < MESSAGES; n++) await say(n)
  await leaveRoom(here, await local('ghost3_x'), { roomId, reason: undefined })
  await say(MESSAGES)

  let queries = 0
  const counted = here.services.queries.withPlugin({
    transformQuery: ({ node }) => {
      queries += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const services = Array.from({ length: SERVICES }, (_, index) => service(index))
  const interest = new RoomInterest({ ...here.services, queries: counted }, services)
  const walked = await interest.walk(seen, STREAM_START)
  expect(queries).toBeLessThanOrEqual(3)
  const messages = walked.filter(
    ({ eventNid }) => here.services.events.peek(eventNid)?.event.type === 'm.room.message',
  )
  expect(messages).toHaveLength(MESSAGES)
  expect(new Set(walked.flatMap(({ services: of }) => [...of].map(({ id }) => id)))).toEqual(new Set(['s3']))
  expect(walked.filter(({ entered }) => entered.size > 0)).toHaveLength(1)

  const before = queries
  await interest.walk(seen.slice(-1), seen.at(-1)!.position)
  expect(queries).toBe(before)
})
