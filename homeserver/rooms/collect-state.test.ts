import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { stateRootsOf } from '../../storage/events/state-roots.ts'
import { decodeNode } from '../../storage/state-trie/node-encoding.ts'
import { EMPTY_ROOT, rootFromBytes, type StateRoot } from '../../storage/state-trie/state-root.ts'
import { collectRoomState } from './collect-state.ts'
import {
  createOn,
  deliver,
  joinThrough,
  member,
  message,
  openReplica,
  sendOn,
  topic,
  type Replica,
} from './replication.fixture.ts'

const ALICE = '@alice:here.test'
const BOB = '@bob:there.test'
const ROUNDS = 12

let here: Replica
let there: Replica

beforeAll(async () => {
  here = await openReplica('here.test')
  there = await openReplica('there.test')
})
afterAll(async () => {
  await here.rooms.close()
  await there.rooms.close()
})

/** The nodes that are stored for a room, and those of them that its events and its current state reach. */
async function nodesOf({ rooms, writer }: Replica, roomId: string) {
  const { head } = (await writer.open(roomId))!
  const query = rooms.services.queries.selectFrom('state_node').select(['hash', 'body'])
  const rows = await query.where('room_nid', '=', head.roomNid).execute()
  const stored = new Map(rows.map(({ hash, body }) => [rootFromBytes(hash), decodeNode(body)]))
  const reached = new Set<StateRoot>()
  const waiting: StateRoot[] = [head.root, ...writer.learntRoots(roomId)]
  for await (const root of stateRootsOf(rooms.services.queries, head.roomNid)) waiting.push(root)
  for (let hash = waiting.pop(); hash !== undefined; hash = waiting.pop()) {
    if (hash === EMPTY_ROOT || reached.has(hash)) continue
    const node = stored.get(hash)
    if (!node) throw new Error('a live node is lost')
    reached.add(hash)
    if (node.kind === 'branch') waiting.push(...node.children.filter((child) => child !== undefined))
  }
  return { stored: [...stored.keys()].toSorted(), reached: [...reached].toSorted() }
}

const collect = (replica: Replica, roomId: string) =>
  collectRoomState(replica.rooms.services, replica.writer, roomId)

/** A room of both servers. */
async function sharedRoom(): Promise<string> {
  const roomId = await createOn(here, '11', ALICE)
  await joinThrough(here, there, roomId, BOB)
  return roomId
}

/** Both change the state without knowing of each other, and then hear of it. */
async function fork(roomId: string, round: number, meanwhile: () => Promise<unknown>): Promise<void> {
  const more = (server: string): string => `@guest${round}:${server}`
  await Promise.all([
    sendOn(here, roomId, topic(ALICE, `a${round}`), member(more('here.test'), 'join'), message(ALICE, 'm')),
    sendOn(there, roomId, topic(BOB, `b${round}`), member(more('there.test'), 'join')),
    meanwhile(),
  ])
  await Promise.all([deliver(here, there, roomId), deliver(there, here, roomId), meanwhile()])
}

test('former resolved states go, and all that is referred to stays', async () => {
  const roomId = await sharedRoom()
  for (let round = 0; round < ROUNDS; round++) await fork(roomId, round, async () => undefined)
  const before = await nodesOf(here, roomId)
  expect(before.stored.length).toBeGreaterThan(before.reached.length)
  const collection = await collect(here, roomId)
  const after = await nodesOf(here, roomId)
  expect(after).toEqual({ stored: before.reached, reached: before.reached })
  expect(collection).toEqual({
    live: before.reached.length,
    removed: before.stored.length - before.reached.length,
  })
})

test('no live node is lost while both servers write and collect', async () => {
  const roomId = await sharedRoom()
  let removed = 0
  const collectBoth = async (): Promise<void> => {
    for (const replica of [here, there, here, there]) {
      removed += (await collect(replica, roomId))?.removed ?? 0
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    await fork(roomId, round, collectBoth)
    for (const replica of [here, there]) await nodesOf(replica, roomId)
  }
  expect(removed).toBeGreaterThan(0)
  for (const replica of [here, there]) {
    await collect(replica, roomId)
    const { stored, reached } = await nodesOf(replica, roomId)
    expect(stored).toEqual(reached)
  }
  await sendOn(here, roomId, topic(ALICE, 'the end'))
  await deliver(here, there, roomId)
  expect((await nodesOf(there, roomId)).reached).not.toEqual([])
})

test('a told state stays until the event it was told for is here', async () => {
  const roomId = await sharedRoom()
  const open = (await here.writer.open(roomId))!
  const entries = await here.rooms.services.trie.entries(open.head.roomNid, open.head.root)
  const events = await open.eventsByNid(entries.map(({ eventNid }) => eventNid))
  // Without the rules of joining it is the state of no event.
  const state = Array.from(events.values(), ({ event }) => event as SignedPdu).filter(
    ({ type }) => type !== 'm.room.join_rules',
  )
  const told = await here.writer.submit(roomId, { kind: 'learn-state', state, authChain: state })
  await collect(here, roomId)
  const fresh = await nodesOf(here, roomId)
  expect(fresh.reached).toContain(told.stateRoot)
})
