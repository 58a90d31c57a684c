import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { stateTuple } from '../../protocol/state/state-map.ts'
import { createOn, openReplica, sendOn, topic, type Replica } from './replication.fixture.ts'
import { LocalRoomWriter } from './room-writer.ts'

const ALICE = '@alice:a.test'
const TOPIC = { type: 'm.room.topic', stateKey: '' }

let a: Replica

beforeAll(async () => void (a = await openReplica('a.test')))
afterAll(() => a.rooms.close())

it('a reader that a write overtakes does not bring the old state back', async () => {
  const roomId = await createOn(a, '11', ALICE)
  await sendOn(a, roomId, topic(ALICE, 'old'))
  // Opened anew, the room remembers nothing of its state.
  const again = { ...a, writer: new LocalRoomWriter(a.rooms.services) }
  const room = (await again.writer.open(roomId))!
  const { trie } = a.rooms.services
  const read = trie.getMany.bind(trie)
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const slow = vi.spyOn(trie, 'getMany').mockImplementationOnce(async (...question) => {
    const answer = await read(...question)
    await released
    return answer
  })
  const reader = room.stateEvents(room.head.root, [TOPIC])
  await vi.waitFor(() => expect(slow).toHaveBeenCalled())
  const [eventId] = await sendOn(again, roomId, topic(ALICE, 'new'))
  release()
  await reader
  const state = await room.stateEvents(room.head.root, [TOPIC])
  expect(state.get(stateTuple(TOPIC.type, TOPIC.stateKey))?.event.eventId).toBe(eventId)
})
