import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { EventStore } from '../../storage/events/event-store.ts'
import { OUTSIDE_MEMBERSHIP } from '../../storage/rooms/outside-membership.ts'
import { LocalEphemeralBus } from '../ephemeral/typing.ts'
import { openTestRooms, type TestRooms } from '../rooms/room-services.fixture.ts'
import { LocalRoomWriter } from '../rooms/room-writer.ts'
import { SentTransactions } from '../sync/sent-transactions.ts'
import { startSync } from '../sync/sync.ts'
import type { SlidingRequest } from './sliding-request.ts'
import { parsePos } from './sliding-token.ts'
import { startSlidingSync, type PlacedAnswer, type SlidingSync } from './sliding-sync.ts'

const ALICE = '@alice:here.test'
const BOB = '@bob:there.test'

let rooms: TestRooms
let writer: LocalRoomWriter
let queries = 0
let created = 0
const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    queries += 1
    return node
  },
  transformResult: async ({ result }) => result,
}

beforeAll(async () => {
  rooms = await openTestRooms()
  writer = new LocalRoomWriter(rooms.services)
})
afterAll(() => rooms.close())

/** One that remembers nothing of before: it answers from the database, and counts what it asks. */
async function newSync(): Promise<SlidingSync> {
  const { services } = rooms
  const counted = services.queries.withPlugin(counting)
  const events = new EventStore(counted, 8 * 1024 * 1024)
  services.committer.onCommit((writes) => events.absorb(writes))
  const parts = { ephemeral: new LocalEphemeralBus(), sent: new SentTransactions() }
  return startSlidingSync(await startSync({ ...services, queries: counted, events }, parts))
}

async function ask(sync: SlidingSync, userId: string, pos?: string, timeoutMs = 0): Promise<PlacedAnswer> {
  const state = { include: [{}], exclude: [], lazyMembers: true }
  const filter = { isEncrypted: false, notRoomTypes: ['m.space'], notTags: ['x'] }
  const everything = { lists: ['*'], rooms: ['*'] }
  const request: SlidingRequest = {
    viewer: { userId, userNid: await rooms.services.interner.userNid(userId), deviceId: 'D' },
    connId: '',
    since: pos === undefined ? undefined : parsePos(pos),
    lists: new Map([
      ['all', { filter: {}, ranges: undefined, config: { timelineLimit: 2, state } }],
      ['some', { filter, ranges: [[0, 99]], config: { timelineLimit: 2, state } }],
    ]),
    subscriptions: new Map(),
    extensions: { accountData: everything, receipts: everything, typing: everything, others: new Map() },
    timeoutMs,
  }
  return sync.answer(request)
}

async function createRoom(creator: string): Promise<string> {
  const createEvent = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: creator,
      // Rooms of one millisecond would have one id without it.
      content: { room_version: '12', 'org.example.number': ++created },
      originServerTs: Date.now(),
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    roomVersion('12')!,
    rooms.services.signer,
  )
  const draft = (type: string, stateKey: string, content: JsonObject) => ({
    type,
    stateKey,
    sender: creator,
    content,
  })
  await writer.submit(createEvent.roomId, {
    kind: 'create',
    version: '12',
    createEvent,
    drafts: [
      draft('m.room.member', creator, { membership: 'join' }),
      draft('m.room.topic', '', { topic: 'one' }),
    ],
  })
  return createEvent.roomId
}

it.each(['a', 'b'])('asks the database as often for many rooms as for one (%s)', async (name) => {
  const counts = new Map<number, number[]>()
  for (const size of [2, 12]) {
    const user = `@${name}${size}:here.test`
    const own: string[] = []
    for (let index = 0; index < size; index++) own.push(await createRoom(user))
    const before = queries
    const first = await ask(await newSync(), user)
    expect(first.rooms).toHaveLength(size)
    const initial = queries
    for (const roomId of own) {
      const content = { topic: 'two' }
      await writer.submit(roomId, {
        kind: 'send',
        drafts: [{ type: 'm.room.topic', stateKey: '', sender: user, content }],
      })
    }
    const between = queries
    const next = await ask(await newSync(), user, first.pos)
    expect(next.rooms).toHaveLength(size)
    counts.set(size, [initial - before, queries - between])
  }
  expect(counts.get(12)).toEqual(counts.get(2))
})

it('asks nothing for who keeps up', async () => {
  const user = '@quick:here.test'
  const roomId = await createRoom(user)
  const sync = await newSync()
  let { pos } = await ask(sync, user)
  const say = (body: string) =>
    writer.submit(roomId, {
      kind: 'send',
      drafts: [{ type: 'm.room.message', sender: user, content: { body } }],
    })
  await say('warm')
  ;({ pos } = await ask(sync, user, pos))
  await say('hot')
  const before = queries
  expect((await ask(sync, user, pos)).rooms).toHaveLength(1)
  expect(queries).toBe(before)
})

it('ends a request that waits for a newer one of its connection, and goes on from the newer one', async () => {
  const user = '@twice:here.test'
  const roomId = await createRoom(user)
  const sync = await newSync()
  const { pos } = await ask(sync, user)
  const waiting = ask(sync, user, pos, 60_000)
  const newer = ask(sync, user, pos, 60_000)
  expect(await waiting).toMatchObject({ pos, rooms: [] })
  const newest = ask(sync, user, pos, 60_000)
  expect(await newer).toMatchObject({ pos, rooms: [] })
  const other = await createRoom(user)
  const answer = await newest
  expect(answer.rooms.map(({ plan }) => plan.roomId)).toEqual([other])
  await writer.submit(roomId, {
    kind: 'send',
    drafts: [{ type: 'm.room.message', sender: user, content: { body: 'on' } }],
  })
  expect((await ask(sync, user, answer.pos)).rooms.map(({ plan }) => plan.roomId)).toContain(roomId)
})

it('shows an invite from another server by what came with it, and how it ended', async () => {
  const { interner, committer } = rooms.services
  const [userNid, senderNid, roomNid] = await Promise.all([
    interner.userNid(ALICE),
    interner.userNid(BOB),
    interner.roomNid('!away:there.test', undefined),
  ])
  const event = (membership: string, sender: string): JsonObject => ({
    type: 'm.room.member',
    sender,
    state_key: ALICE,
    room_id: '!away:there.test',
    content: { membership },
    origin_server_ts: 1,
    depth: 5,
    prev_events: [],
    auth_events: [],
    hashes: { sha256: 'x' },
    signatures: {},
  })
  const create = { type: 'm.room.create', state_key: '', sender: BOB, content: { room_version: '11' } }
  const become = (membership: 'invite' | 'leave', sender: string): Promise<unknown> =>
    committer.submit(OUTSIDE_MEMBERSHIP, {
      userNid,
      roomNid,
      membership,
      senderNid,
      eventPdu: Buffer.from(JSON.stringify(event(membership, sender))),
      strippedState: Buffer.from(JSON.stringify([create])),
    })
  const sync = await newSync()
  await become('invite', BOB)
  const invited = await ask(sync, ALICE)
  expect(invited.counts).toEqual(new Map([['all', 1], ['some', 1]])) // prettier-ignore
  const [room] = invited.rooms
  expect(room!.stripped.map((text) => (JSON.parse(text) as JsonObject)['type'])).toEqual([
    'm.room.create',
    'm.room.member',
  ])
  await become('leave', ALICE)
  const [ended] = (await ask(sync, ALICE, invited.pos)).rooms
  expect(JSON.parse(ended!.outsideEnd!)).toMatchObject({ content: { membership: 'leave' }, state_key: ALICE })
  expect((await ask(await newSync(), ALICE)).rooms).toEqual([])
})
