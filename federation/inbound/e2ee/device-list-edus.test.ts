import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { RemoteDeviceLists } from '../../../e2ee/remote-lists/remote-device-lists.ts'
import type { ToldDevices } from '../../../e2ee/remote-lists/remote-list-services.ts'
import { deviceListChangeOf } from '../../../storage/e2ee/device-list-write.ts'
import { openTestRooms, type TestRooms } from '../../../homeserver/rooms/room-services.fixture.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { insertAccount } from '../../../storage/accounts/account-writer.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import { streamPosition } from '../../../storage/position/position.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { EduHandler, EduRunHandler } from '../edus/edu-handler.ts'
import { deviceListEdus } from './device-list-edus.ts'

const THERE = 'there.test' as VerifiedOrigin
const BOB = '@bob:there.test'
const ROOM = 1 as RoomNid
let rooms: TestRooms
let lists: RemoteDeviceLists
let takeAll: EduRunHandler
let update: EduHandler
let bob: UserNid
/** What bob's server answers. */
let answer: ToldDevices
/** What happens while it answers. */
let meanwhile: () => Promise<void>
let asked: string[] = []
let scheduled: string[] = []
let noted = 0

beforeAll(async () => {
  rooms = await openTestRooms('here.test')
  const { queries, interner, committer } = rooms.services
  const alice = await interner.userNid('@alice:here.test')
  bob = await interner.userNid(BOB)
  const account = { passwordHash: null, admin: false, guest: false, appserviceId: null, createdTs: 0 }
  await insertAccount(queries, { userNid: alice, ...account })
  for (const userNid of [alice, bob]) await setMembership(userNid, 'join')
  committer.onCommit((writes) => (noted += writes.filter((write) => deviceListChangeOf(write)).length))
  lists = new RemoteDeviceLists({
    queries,
    interner,
    committer,
    peers: {
      getUserDevices: async () => {
        asked.push('devices')
        await meanwhile()
        return answer
      },
      queryUserKeys: async () => {
        asked.push('query')
        return { device_keys: { [BOB]: { OLD: keysOf('OLD') } } }
      },
      failureOf: () => ({ status: 503, message: '' }),
    },
    maySharePartly: () => false,
    scheduleResync: async (userId) => void scheduled.push(userId),
  })
  takeAll = deviceListEdus(lists.updates).get('m.device_list_update')!
  update = (origin, content) => takeAll(origin, [content])
})
afterAll(() => rooms.close())
beforeEach(async () => {
  answer = { streamId: 5, devices: [told('PHONE')], masterKey: undefined, selfSigningKey: undefined }
  meanwhile = async () => undefined
  await setMembership(bob, 'join')
  await lists.resync(BOB)
  asked = []
  scheduled = []
  noted = 0
})

async function setMembership(userNid: UserNid, membership: 'join' | 'leave'): Promise<void> {
  const joined_pos = membership === 'join' ? streamPosition(0) : null
  const row = { membership, sender_nid: userNid, stream_pos: streamPosition(0), joined_pos }
  await rooms.services.queries
    .insertInto('membership')
    .values({
      user_nid: userNid,
      room_nid: ROOM,
      event_nid: null,
      event_pdu: null,
      stripped_state: null,
      ...row,
    })
    .onConflict((conflict) => conflict.columns(['user_nid', 'room_nid']).doUpdateSet(row))
    .execute()
}

function keysOf(deviceId: string, userId = BOB): JsonObject {
  const keys = { [`ed25519:${deviceId}`]: `key of ${deviceId}` }
  return { user_id: userId, device_id: deviceId, algorithms: [], keys, signatures: {} }
}

function told(deviceId: string): ToldDevices['devices'][number] {
  return { deviceId, displayName: undefined, keys: keysOf(deviceId) }
}

function change(deviceId: string, other: JsonObject = {}): JsonObject {
  const keys = keysOf(deviceId)
  return { user_id: BOB, device_id: deviceId, stream_id: 6, prev_id: [5], keys, ...other }
}

async function devices(): Promise<string[]> {
  const { users } = await lists.query(new Map([[BOB, []]]), 1000)
  return [...(users.get(BOB)?.devices.keys() ?? [])].toSorted()
}

it('a change that follows is taken into the copy, and nobody is asked', async () => {
  await update(THERE, change('TABLET'))
  expect(await devices()).toEqual(['PHONE', 'TABLET'])
  await update(THERE, change('PHONE', { stream_id: 8, prev_id: [6], deleted: true }))
  expect(await devices()).toEqual(['TABLET'])
  expect({ asked, scheduled, noted }).toEqual({ asked: [], scheduled: [], noted: 2 })
})

it.each([
  ['a gap', { stream_id: 9, prev_id: [8] }],
  ['no word of what came before', { prev_id: [] }],
  ['a number that goes back', { stream_id: 3, prev_id: [2] }],
])('%s makes the copy stale until it has been fetched anew', async (_what, other) => {
  await update(THERE, change('TABLET', other))
  expect(scheduled).toEqual([BOB])
  expect(await devices()).toEqual(['OLD'])
  answer = { ...answer, streamId: 9, devices: [told('TABLET')] }
  await lists.resync(BOB)
  asked = []
  expect(await devices()).toEqual(['TABLET'])
  expect(asked).toEqual([])
})

it('many changes at once are taken into the copy in their order', async () => {
  const next = (n: number, deviceId: string, other = {}) =>
    change(deviceId, { stream_id: n, prev_id: [n - 1], ...other })
  await takeAll(THERE, [
    next(6, 'TABLET'),
    change('X', { user_id: '@carol:else.test' }),
    next(7, 'LAPTOP'),
    next(8, 'TABLET', { deleted: true }),
    next(9, 'WATCH'),
  ])
  expect(await devices()).toEqual(['LAPTOP', 'PHONE', 'WATCH'])
  expect({ asked, scheduled, noted }).toEqual({ asked: [], scheduled: [], noted: 4 })
})

it('a change that is told while the list is fetched has it fetched again', async () => {
  meanwhile = () => update(THERE, change('TABLET'))
  await lists.resync(BOB)
  expect(scheduled).toEqual([BOB])
  expect(await devices()).toEqual(['OLD'])
})

it('a copy does not outlive the shared room', async () => {
  await setMembership(bob, 'leave')
  await update(THERE, change('TABLET'))
  expect(noted).toBe(0)
  expect(await devices()).toEqual(['OLD'])
  await setMembership(bob, 'join')
  await lists.resync(BOB)
})

it.each<[string, JsonObject]>([
  ['no user', change('X', { user_id: 7 })],
  ["another server's user", change('X', { user_id: '@carol:else.test' })],
  ['a user of ours', change('X', { user_id: '@alice:here.test' })],
  ['a user nobody knows', change('X', { user_id: '@nobody:there.test' })],
  ['no device', change('X', { device_id: null })],
  ['U+0000 in the device', change('X\0')],
  ['a lone surrogate in the device', change('X\ud800')],
  ['a long device', change('X'.repeat(1000))],
  ['no number', change('X', { stream_id: '6' })],
  ['a broken number', change('X', { stream_id: 6.5 })],
])('%s is ignored', async (_what, content) => {
  await update(THERE, content)
  expect({ noted, scheduled }).toEqual({ noted: 0, scheduled: [] })
  expect(await devices()).toEqual(['PHONE'])
})

it.each<[string, JsonObject]>([
  ['of another user', keysOf('TABLET', '@carol:there.test')],
  ['of another device', keysOf('OTHER')],
  ['of another shape', { ...keysOf('TABLET'), keys: 'all' }],
  ['without a canonical form', { ...keysOf('TABLET'), algorithms: ['\ud800'] }],
])('keys %s are not taken', async (_what, keys) => {
  await update(THERE, change('TABLET', { keys }))
  expect(await devices()).toEqual(['PHONE'])
})
