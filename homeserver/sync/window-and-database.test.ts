import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import { EventStore } from '../../storage/events/event-store.ts'
import { RECEIPT } from '../../storage/rooms/receipt-write.ts'
import { LocalEphemeralBus } from '../ephemeral/typing.ts'
import { parseFilter } from '../filters/parse-filter.ts'
import type { Viewer } from '../history/read-services.ts'
import { openTestRooms, type TestRooms } from '../rooms/room-services.fixture.ts'
import { LocalRoomWriter } from '../rooms/room-writer.ts'
import { storedChanges } from './change-source.ts'
import { RecentChanges } from './recent-changes.ts'
import { SentTransactions } from './sent-transactions.ts'
import { startSync, type Sync } from './sync.ts'
import { parseStreamToken } from './tokens.ts'

const USERS = ['alice', 'bob', 'carol'].map((name) => `@${name}:here.test`)
const [ALICE, BOB, CAROL] = USERS as [string, string, string]
const NOW = Date.UTC(2030, 0)

let rooms: TestRooms
let writer: LocalRoomWriter
let warm: Sync
let queries = 0
let created = 0
const ephemeral = new LocalEphemeralBus()
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
  warm = await newSync()
})
afterAll(() => rooms.close())

/** A sync that remembers nothing of before: it answers from the database. */
async function newSync(): Promise<Sync> {
  const { services } = rooms
  const counted = services.queries.withPlugin(counting)
  const events = new EventStore(counted, 8 * 1024 * 1024)
  services.committer.onCommit((writes) => events.absorb(writes))
  const reading = { ...services, queries: counted, events, now: () => NOW }
  return startSync(reading, { ephemeral, sent: new SentTransactions() })
}

async function viewer(userId: string, deviceId = 'D'): Promise<Viewer> {
  return { userId, userNid: await rooms.services.interner.userNid(userId), deviceId }
}

async function answer(sync: Sync, userId: string, since?: string, filter: JsonObject = {}, after = false) {
  return sync.answer({
    viewer: await viewer(userId),
    since: since === undefined ? undefined : parseStreamToken(since, 'since'),
    filter: parseFilter(filter),
    fullState: false,
    stateKey: after ? 'state_after' : 'state',
    timeoutMs: 0,
  })
}

async function tokenNow(userId: string): Promise<string> {
  return (JSON.parse(await answer(warm, userId)) as { next_batch: string }).next_batch
}

async function createRoom(): Promise<string> {
  const createEvent = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: ALICE,
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
  const state = (type: string, stateKey: string, content: JsonObject) => ({
    type,
    stateKey,
    sender: ALICE,
    content,
  })
  await writer.submit(createEvent.roomId, {
    kind: 'create',
    version: '12',
    createEvent,
    drafts: [
      state('m.room.member', ALICE, { membership: 'join' }),
      state('m.room.power_levels', '', { users: {}, events_default: 0, state_default: 0 }),
      state('m.room.join_rules', '', { join_rule: 'public' }),
    ],
  })
  return createEvent.roomId
}

async function send(roomId: string, sender: string, type: string, content: JsonObject, stateKey?: string) {
  const { eventIds } = await writer.submit(roomId, {
    kind: 'send',
    drafts: [{ type, sender, content, ...(stateKey !== undefined && { stateKey }) }],
  })
  return eventIds[0]!
}

const say = (roomId: string, sender: string, body: string) =>
  send(roomId, sender, 'm.room.message', { msgtype: 'm.text', body })
const become = (roomId: string, userId: string, membership: string) =>
  send(roomId, userId, 'm.room.member', { membership }, userId)

describe('what this process remembers of the stream, and the database', () => {
  it('give the same answers from every position, for every kind of filter', async () => {
    const [one, two] = [await createRoom(), await createRoom()] as [string, string]
    const tokens = new Map(
      await Promise.all(
        USERS.map(async (user): Promise<[string, string[]]> => [user, [await tokenNow(user)]]),
      ),
    )
    const steps: (() => Promise<unknown>)[] = [
      () => become(one, BOB, 'join'),
      () => say(one, ALICE, 'first'),
      () => become(two, CAROL, 'join'),
      () => send(one, BOB, 'm.room.name', { name: 'A' }, ''),
      () => say(one, BOB, 'second'),
      () => send(one, ALICE, 'm.room.history_visibility', { history_visibility: 'joined' }, ''),
      () => say(one, BOB, 'closed'),
      () => become(one, CAROL, 'join'),
      () => say(one, CAROL, 'third'),
      () => become(one, BOB, 'leave'),
      () => say(one, ALICE, 'fourth'),
      () => send(one, ALICE, 'm.room.name', { name: 'B' }, ''),
      () => receive(one, CAROL),
      () => setAccountData(ALICE, { n: 1 }),
      () => become(one, BOB, 'join'),
      () => become(two, CAROL, 'leave'),
      () => say(two, ALICE, 'unseen'),
      () => setAccountData(ALICE, { n: 2 }),
    ]
    for (const step of steps) {
      await step()
      for (const user of USERS) tokens.get(user)!.push(await tokenNow(user))
    }
    const filters: JsonObject[] = [
      {},
      { room: { timeline: { limit: 2 } } },
      { room: { include_leave: true, timeline: { limit: 5 } } },
      { room: { state: { lazy_load_members: true, include_redundant_members: true } } },
      { room: { timeline: { limit: 1, types: ['m.room.m*'], not_senders: [BOB] } } },
    ]
    const cold = await newSync()
    for (const user of USERS) {
      for (const since of [undefined, ...tokens.get(user)!]) {
        for (const filter of filters) {
          for (const after of [false, true]) {
            const fromWindow = await answer(warm, user, since, filter, after)
            const fromDatabase = await answer(cold, user, since, filter, after)
            expect(sorted(fromWindow)).toEqual(sorted(fromDatabase))
          }
        }
      }
    }
  })

  it('agree where the memory is too small for all, and forget the oldest first', async () => {
    const { services } = rooms
    const stored = storedChanges(services.queries)
    const start = services.committer.head
    const small = new RecentChanges(stored, start, 8)
    services.committer.onCommit((writes) => small.absorb(writes))
    const roomId = await createRoom()
    const roomNid = (await services.interner.findRoomNid(roomId))!
    const positions = [start]
    for (let index = 0; index < 20; index++) {
      await say(roomId, ALICE, `s${index}`)
      positions.push(services.committer.head)
    }
    const upTo = services.committer.head
    expect(small.reaches(start)).toBe(false)
    expect(small.reaches(positions.at(-5)!)).toBe(true)
    const numbers = (places: ReadonlyMap<unknown, readonly { eventNid: number }[]>) =>
      [...places.values()].flat().map(({ eventNid }) => eventNid)
    for (const after of positions) {
      const range = [{ roomNid, after, upTo, beforeHistory: undefined }]
      expect(numbers(await small.newestPlaces(range, 6))).toEqual(
        numbers(await stored.newestPlaces(range, 6)),
      )
      expect(await small.changedRooms([roomNid], after, upTo)).toEqual(
        await stored.changedRooms([roomNid], after, upTo),
      )
    }
  })

  it('needs no query for a sync that keeps up', async () => {
    const roomId = await createRoom()
    await become(roomId, BOB, 'join')
    await say(roomId, ALICE, 'warming')
    const first = await tokenNow(BOB)
    await say(roomId, ALICE, 'up')
    await answer(warm, BOB, first)
    const since = await tokenNow(BOB)
    await say(roomId, ALICE, 'now')
    const before = queries
    expect(await answer(warm, BOB, since)).toContain('"body":"now"')
    expect(queries).toBe(before)
  })

  it('needs as many queries for many rooms as for one', async () => {
    const roomIds = await Promise.all(Array.from({ length: 12 }, createRoom))
    const dave = '@dave:here.test'
    const count = async (): Promise<number> => {
      const cold = await newSync()
      const before = queries
      await answer(cold, dave)
      return queries - before
    }
    await become(roomIds[0]!, dave, 'join')
    const forOne = await count()
    for (const roomId of roomIds.slice(1)) await become(roomId, dave, 'join')
    expect(await count()).toBe(forOne)
  })
})

/** The order of state and of rooms means nothing. */
function sorted(text: string): unknown {
  const answered = JSON.parse(text) as { rooms: Record<string, Record<string, Record<string, unknown>>> }
  for (const room of Object.values(answered.rooms).flatMap((section) => Object.values(section))) {
    for (const key of ['state', 'state_after']) {
      const state = room[key] as { events: { event_id: string }[] } | undefined
      state?.events.sort((a, b) => (a.event_id < b.event_id ? -1 : 1))
    }
  }
  return answered
}

async function receive(roomId: string, userId: string): Promise<void> {
  const { interner, committer } = rooms.services
  await committer.submit(RECEIPT, {
    roomNid: (await interner.findRoomNid(roomId))!,
    userNid: await interner.userNid(userId),
    type: 'm.read',
    thread: '',
    eventId: await say(roomId, ALICE, 'to be read'),
    ts: NOW,
    read: undefined,
  })
}

async function setAccountData(userId: string, content: JsonObject): Promise<void> {
  const { interner, committer } = rooms.services
  const userNid = await interner.userNid(userId)
  await committer.submit(ACCOUNT_DATA, {
    userNid,
    roomNid: NO_ROOM,
    type: 'org.example',
    content: JSON.stringify(content),
  })
}
