import { afterAll, beforeAll, expect, it } from 'vitest'
import { EphemeralClock } from '../../../homeserver/ephemeral/ephemeral-clock.ts'
import type { PresenceStatus } from '../../../homeserver/presence/presence-status.ts'
import { Presence } from '../../../homeserver/presence/presence.ts'
import { openTestRooms, type TestRooms } from '../../../homeserver/rooms/room-services.fixture.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { userRooms } from '../../../storage/sync/user-rooms-reader.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import { presenceHandler } from './presence.ts'

const SETTINGS = {
  tells: true,
  tracks: true,
  federates: true,
  includesOffline: false,
  activeMs: 60_000,
  syncGraceMs: 30_000,
  idleMs: 300_000,
}
const NOW = 1_800_000_000_000
const ORIGIN = 'there.test' as VerifiedOrigin
const NAMES = [
  '@bob:there.test',
  '@eve:there.test',
  '@nobody:there.test',
  '@mallory:else.test',
  '@alice:here.test',
]

let rooms: TestRooms
let presence: Presence

beforeAll(async () => {
  rooms = await openTestRooms('here.test')
  const { queries, interner } = rooms.services
  await interner.userNids(NAMES)
  presence = new Presence({
    settings: SETTINGS,
    clock: new EphemeralClock(),
    roomsOf: ({ userNid }) => userRooms(queries, userNid),
    now: () => NOW,
    wakeRoom: () => undefined,
    onError: (error) => {
      throw error
    },
  })
})
afterAll(async () => {
  presence.stop()
  await rooms.close()
})

async function hear(content: JsonObject): Promise<Record<string, PresenceStatus>> {
  const { interner } = rooms.services
  await presenceHandler(interner, presence)(ORIGIN, content)
  const nids = await interner.findUserNids(NAMES)
  return Object.fromEntries([...nids].map(([userId, nid]) => [userId, presence.statusOf(nid)]))
}

it('takes what a server says of its own users, and nothing else', async () => {
  const entry = { presence: 'online', last_active_ago: 5_000, currently_active: true, status_msg: 'hi' }
  const told = NAMES.filter((userId) => userId !== '@nobody:there.test')
  const known = await hear({ push: told.map((userId) => ({ ...entry, user_id: userId })) })
  expect(known['@bob:there.test']).toMatchObject({
    presence: 'online',
    statusMsg: 'hi',
    lastActiveTs: NOW - 5_000,
    currentlyActive: true,
  })
  expect(known['@mallory:else.test']!.presence).toBe('offline')
  expect(known['@alice:here.test']!.presence).toBe('offline')
})

it('passes over users that nobody here knows, without learning their names', async () => {
  const stranger = '@stranger:there.test'
  await hear({ push: [{ user_id: stranger, presence: 'online' }] })
  expect(await rooms.services.interner.findUserNid(stranger)).toBeUndefined()
})

it.each<[JsonObject]>([
  [{}],
  [{ push: 'x' }],
  [{ push: [null, 7, [], {}] }],
  [{ push: [{ user_id: '@nobody:there.test', presence: 'busy' }] }],
  [{ push: [{ user_id: 7, presence: 'online' }] }],
  [{ push: [{ user_id: 'nobody:there.test', presence: 'online' }] }],
])('makes nothing of %j', async (content) => {
  expect((await hear(content))['@nobody:there.test']!.presence).toBe('offline')
})

it('bounds what it keeps, and believes no time that cannot be', async () => {
  const entry = { user_id: '@eve:there.test', presence: 'online', status_msg: 'x'.repeat(10_000) }
  const eve = (await hear({ push: [{ ...entry, last_active_ago: -5 }] }))['@eve:there.test']!
  expect([eve.statusMsg?.length, eve.lastActiveTs]).toEqual([512, undefined])
  const many = Array.from({ length: 200 }, () => ({ user_id: '@eve:there.test', presence: 'online' }))
  many.push({ user_id: '@eve:there.test', presence: 'offline' })
  expect((await hear({ push: many }))['@eve:there.test']!.presence).toBe('online')
})
