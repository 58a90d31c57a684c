import { afterAll, beforeAll, expect, it } from 'vitest'
import { DeviceListOutbox } from '../../e2ee/device-lists/device-list-outbox.ts'
import { openTestRooms, type TestRooms } from '../../homeserver/rooms/room-services.fixture.ts'
import { insertAccount } from '../../storage/accounts/account-writer.ts'
import { insertDevice } from '../../storage/accounts/device-writer.ts'
import { addDestinations } from '../../storage/e2ee/device-list-outbox.ts'
import { noteIntroduction } from '../../storage/e2ee/introduction-write.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../spec-tests/support/database-proxy.ts'
import { streamPosition } from '../../storage/position/position.ts'

const THERE = 'there.test'
const ROOM = 1 as RoomNid
/** EDUs of a transaction (server-server API, "Transactions"). */
const LIMIT = 100
/** More than half of the limit, each with two devices. */
const NEWCOMERS = 60

let rooms: TestRooms
let outbox: DeviceListOutbox
let counted: Database
let proxy: DatabaseProxy

beforeAll(async () => {
  rooms = await openTestRooms('here.test')
  proxy = await openDatabaseProxy(rooms.address)
  counted = openDatabase(proxy.address)
  const { queries, interner, committer } = rooms.services
  const newcomers = Array.from({ length: NEWCOMERS }, (_, n) => `@user-${n}:here.test`)
  for (const userId of [`@bob:${THERE}`, ...newcomers]) {
    const userNid = await interner.userNid(userId)
    await queries
      .insertInto('membership')
      .values({
        user_nid: userNid,
        room_nid: ROOM,
        event_nid: null,
        event_pdu: null,
        stripped_state: null,
        membership: 'join',
        sender_nid: userNid,
        stream_pos: streamPosition(0),
        joined_pos: streamPosition(0),
      })
      .execute()
    if (userId.endsWith(THERE)) continue
    const account = { passwordHash: null, admin: false, guest: false, appserviceId: null, createdTs: 0 }
    await insertAccount(queries, { userNid, ...account })
    for (const deviceId of ['PHONE', 'TABLET']) {
      await insertDevice(queries, { userNid, deviceId, displayName: null, createdTs: 0 })
    }
    await noteIntroduction(committer, userNid, ROOM)
  }
  const there = await interner.serverNid(THERE)
  await addDestinations(queries, new Map([[there, streamPosition(0)]]))
  outbox = new DeviceListOutbox({
    serverName: 'here.test',
    queries: counted.queries,
    interner,
    committer,
    tellsNames: false,
    serversOfRooms: async () => new Map(),
    wake: () => undefined,
    onError: (error) => {
      throw error
    },
  })
})
afterAll(async () => {
  await counted.close()
  await proxy.close()
  await rooms.close()
})

/** The statements that something takes of those who ask the counted database. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const before = proxy.statements()
  await work()
  return proxy.statements() - before
}

it('asks as much for many who come into rooms as for one', async () => {
  const { interner, committer } = rooms.services
  const place = async (n: number) => ({
    userNid: await interner.userNid(`@user-${n}:here.test`),
    roomNid: ROOM,
  })
  const arrivals = await Promise.all(Array.from({ length: NEWCOMERS }, (_, n) => place(n)))
  const { head } = committer
  const one = await statementsOf(() => outbox.introduce(arrivals.slice(0, 1)))
  const many = await statementsOf(() => outbox.introduce(arrivals))
  expect(committer.head - head).toBe(1 + NEWCOMERS)
  expect([one, many]).toEqual([2, 2])
  const few = await statementsOf(() => outbox.next(THERE, 2))
  const page = await statementsOf(() => outbox.next(THERE, LIMIT))
  expect(page).toBe(few)
})

it('never gives more than a transaction holds, and introduces everybody', async () => {
  const introduced = new Set<unknown>()
  for (;;) {
    const { edus, delivered } = await outbox.next(THERE, LIMIT)
    if (edus.length === 0) break
    expect(edus.length).toBeLessThanOrEqual(LIMIT)
    for (const { content } of edus) introduced.add((content as { user_id?: unknown }).user_id)
    await delivered()
  }
  expect(introduced.size).toBe(NEWCOMERS)
})
