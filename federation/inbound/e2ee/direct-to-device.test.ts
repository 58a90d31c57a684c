import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Inbox } from '../../../e2ee/to-device/inbox.ts'
import { RateLimiter } from '../../../homeserver/rate-limits/rate-limiter.ts'
import { openTestRooms, type TestRooms } from '../../../homeserver/rooms/room-services.fixture.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { insertDevice } from '../../../storage/accounts/device-writer.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { EduHandler, EduRunHandler } from '../edus/edu-handler.ts'
import { directToDeviceHandler } from './direct-to-device.ts'

const THERE = 'there.test' as VerifiedOrigin
const BOB = '@bob:here.test'
let rooms: TestRooms
let takeAll: EduRunHandler
let handle: EduHandler
const keyRequests = new RateLimiter({ perSecond: 0.001, burstCount: 2 })
let bob: UserNid
let count = 0

beforeAll(async () => {
  rooms = await openTestRooms()
  takeAll = directToDeviceHandler(rooms.services, { keyRequests })
  handle = (origin, content) => takeAll(origin, [content])
})
afterAll(() => rooms.close())
beforeEach(async () => {
  const { queries, interner } = rooms.services
  bob = await interner.userNid(BOB)
  await insertDevice(queries, { userNid: bob, deviceId: 'PHONE', displayName: null, createdTs: 0 })
})

function message(content: JsonObject, other: JsonObject = {}): JsonObject {
  const messages = { [BOB]: { PHONE: content } }
  return { sender: '@eve:there.test', type: 'org.example', message_id: `m${++count}`, messages, ...other }
}

/** What waits now; nothing of it waits any more afterwards. */
async function take(): Promise<unknown[]> {
  const { committer } = rooms.services
  const stretch = { userNid: bob, deviceId: 'PHONE', after: undefined, upTo: committer.head }
  const events = await new Inbox(rooms.services).read({ ...stretch, received: undefined })
  await new Inbox(rooms.services).read({ ...stretch, received: committer.head })
  return events.map((event) => JSON.parse(event))
}

it('takes each message once, however often and in whatever company it comes', async () => {
  const first = message({ n: 1 })
  await Promise.all([handle(THERE, first), handle(THERE, first)])
  await handle(THERE, { ...first, messages: { [BOB]: { '*': { n: 2 } } } })
  // Another server may happen to choose the same id.
  await handle('other.test' as VerifiedOrigin, { ...first, sender: '@eve:other.test' })
  const event = { type: 'org.example', content: { n: 1 } }
  expect(await take()).toEqual([
    { ...event, sender: '@eve:there.test' },
    { ...event, sender: '@eve:other.test' },
  ])
})

it.each<[JsonObject]>([
  [{}],
  [message({}, { sender: '@eve:here.test' })],
  [message({}, { sender: '@eve:other.test' })],
  [message({}, { sender: 'there.test' })],
  [message({}, { sender: 7 })],
  [message({}, { type: null })],
  [message({}, { type: 'x'.repeat(256) })],
  [message({}, { message_id: 7 })],
  [message({}, { message_id: 'x'.repeat(256) })],
  [message({}, { messages: [] })],
  [message({}, { messages: { [BOB]: { PHONE: 'x' } } })],
  [message({}, { messages: { [BOB]: [] } })],
  [message({}, { messages: { '@bob:other.test': { '*': {} } } })],
  [message({}, { messages: { '@nobody:here.test': { '*': {} } } })],
  [message({}, { messages: { [BOB]: { NOBODY: {}, 'PHONE\0': {}, '': {}, __proto__: {} } } })],
  [message({ x: 'x'.repeat(65_536) })],
  [
    message(
      {},
      { messages: { [BOB]: Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [n, {}])) } },
    ),
  ],
])('makes nothing of what is not right (%#)', async (content) => {
  await handle(THERE, content)
  expect(await take()).toEqual([])
  expect(rooms.errors).toEqual([])
})

it('takes many at once in their order, and what is not right alone is left out', async () => {
  const { committer } = rooms.services
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  const batches: number[] = []
  const end = committer.onCommit((writes) => batches.push(writes.length))
  await takeAll(
    THERE,
    numbers.map((n) => message({ n }, n % 10 === 3 ? { sender: '@eve:here.test' } : {})),
  )
  end()
  const right = numbers.filter((n) => n % 10 !== 3)
  expect((await take()).map((event) => (event as { content: { n: number } }).content.n)).toEqual(right)
  expect(batches).toEqual([right.length])
})

it('takes odd texts', async () => {
  await handle(THERE, message({ nul: '\0', half: '\ud800' }, { type: '\0', message_id: '\ud800\0' }))
  expect(await take()).toMatchObject([{ type: '\0', content: { nul: '\0', half: '\ud800' } }])
})

it('requests for room keys are passed over beyond a limit, those of each server for themselves', async () => {
  const ask = (origin: string, sender: string) =>
    handle(origin as VerifiedOrigin, message({ n: count }, { type: 'm.room_key_request', sender }))
  for (let n = 0; n < 4; n++) await ask('there.test', '@eve:there.test')
  await ask('other.test', '@eve:other.test')
  expect((await take()).map((event) => (event as JsonObject)['sender'])).toEqual([
    '@eve:there.test',
    '@eve:there.test',
    '@eve:other.test',
  ])
})
