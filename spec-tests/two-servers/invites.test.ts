import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const WITH_LEFT = JSON.stringify({ room: { include_leave: true } })

let alice: TestClient
let anna: TestClient
let bob: TestClient

async function register(url: string, localpart: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(localpart)
  return client
}

interface SyncedRoom {
  readonly timeline?: { readonly events: readonly Json[] }
}

async function roomOf(
  client: TestClient,
  section: string,
  roomId: string,
  query: Record<string, string> = {},
) {
  const rooms = (await client.sync(query))['rooms'] as Record<string, Record<string, SyncedRoom>>
  return rooms[section]?.[roomId]
}

/** How an invite of bob ended, as a new client of his sees it. */
async function endOf(roomId: string): Promise<Json | undefined> {
  return (await roomOf(bob, 'leave', roomId, { filter: WITH_LEFT }))?.timeline?.events.at(-1)
}

function post(client: TestClient, roomId: string, action: string, body: Json) {
  return client.call('POST', `/rooms/${encodeURIComponent(roomId)}/${action}`, body)
}

test('invites between regions, and how they end', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    alice = await register(pair.north.url, 'alice')
    anna = await register(pair.north.url, 'anna')
    bob = await register(pair.south.url, 'bob')
    await tellsWhatTheInviteWas()
    await isTakenBackByTheInviterAlone()
    await isTurnedDownThoughNobodyHears()
  })
}, 90_000)

async function isTakenBackByTheInviterAlone(): Promise<void> {
  const roomId = await alice.createRoom({
    invite: [anna.userId],
    power_level_content_override: { users: { [anna.userId]: 50 } },
  })
  await anna.join(roomId)
  const talk = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(talk, ['north.test'])

  await post(anna, roomId, 'invite', { user_id: bob.userId })
  await post(alice, roomId, 'kick', { user_id: bob.userId })
  const after = await alice.say(talk, 'after the kick')
  await eventually('the message', async () =>
    (await roomOf(bob, 'join', talk))?.timeline?.events.some((event) => event['event_id'] === after),
  )
  expect(await roomOf(bob, 'invite', roomId)).toBeDefined()

  await post(anna, roomId, 'invite', { user_id: bob.userId })
  await post(anna, roomId, 'kick', { user_id: bob.userId, reason: 'a mistake' })
  const end = await eventually('the end of the invite', () => endOf(roomId))
  expect(end).toMatchObject({
    type: 'm.room.member',
    sender: anna.userId,
    state_key: bob.userId,
    content: { membership: 'leave', reason: 'a mistake' },
  })
}

async function isTurnedDownThoughNobodyHears(): Promise<void> {
  const roomId = await alice.createRoom({ invite: [bob.userId] })
  expect(await roomOf(bob, 'invite', roomId)).toBeDefined()
  const since = String((await bob.sync())['next_batch'])
  await post(alice, roomId, 'leave', {})
  await post(bob, roomId, 'leave', { reason: 'nobody there' })
  const own = {
    sender: bob.userId,
    state_key: bob.userId,
    content: { membership: 'leave', reason: 'nobody there' },
  }
  expect((await roomOf(bob, 'leave', roomId, { since }))?.timeline?.events).toMatchObject([own])
  expect(await endOf(roomId)).toMatchObject(own)
  await post(bob, roomId, 'forget', {})
  expect(await endOf(roomId)).toBeUndefined()
}

async function tellsWhatTheInviteWas(): Promise<void> {
  const roomId = await alice.createRoom({ invite: [bob.userId], is_direct: true })
  await bob.join(roomId)
  const room = await roomOf(bob, 'join', roomId)
  expect(room?.timeline?.events.at(-1)?.['unsigned']).toMatchObject({
    prev_content: { membership: 'invite', is_direct: true },
    prev_sender: alice.userId,
  })
}
