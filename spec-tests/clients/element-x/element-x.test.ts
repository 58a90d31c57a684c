import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { TestClient, type Json } from '../../support/test-client.ts'
import { startRestartableServer, type RestartableServer } from '../restartable-server.ts'
import { Connection } from './connection.ts'
import { encryption, notification, roomList } from './requests.ts'

/** More than the first page of the list. */
const ROOMS = 30
const FIRST_PAGE = 19
const GROWTH = 100

describe('Element X', () => {
  let server: RestartableServer
  let alice: TestClient
  let bob: TestClient
  let list: Connection
  let keys: Connection
  let last = FIRST_PAGE
  let open: string[] = []
  const roomIds: string[] = []

  beforeAll(async () => {
    server = await startRestartableServer()
    alice = new TestClient(server.url)
    bob = new TestClient(server.url)
    await alice.register('alice')
    await bob.register('bob')
    for (let count = 0; count < ROOMS; count++) {
      const roomId = await bob.createRoom({ preset: 'public_chat', name: `Room ${count}` })
      await alice.join(roomId)
      roomIds.push(roomId)
    }
    list = new Connection(alice, () => roomList(last, open))
    keys = new Connection(alice, (latest) =>
      encryption(latest?.extensions['to_device']?.['next_batch'] as string | undefined),
    )
  })

  afterAll(async () => {
    await Promise.all([list.stop(), keys.stop()])
    await server.close()
  })

  const said = (connection: Connection, roomId: string, text: string) =>
    eventually(text, () => connection.texts(roomId).includes(text))

  test('finds sliding sync', async () => {
    const { body } = await alice.request('GET', '/_matrix/client/versions')
    expect((body['unstable_features'] as Json)['org.matrix.simplified_msc3575']).toBe(true)
    const whoami = await alice.call('GET', '/account/whoami')
    expect(whoami).toMatchObject({ user_id: alice.userId, device_id: alice.deviceId })
    await alice.call('GET', '/capabilities')
  })

  test('shows the first page of the list at once', async () => {
    list.start()
    keys.start()
    const first = await eventually('the list', () => list.answers[0])
    expect(first.lists).toEqual({ all_rooms: { count: ROOMS } })
    expect(Object.keys(first.rooms).toSorted()).toEqual(roomIds.slice(-FIRST_PAGE - 1).toSorted())
    const newest = first.rooms[roomIds.at(-1)!]!
    expect(newest).toMatchObject({ name: 'Room 29', initial: true, joined_count: 2 })
    expect(newest.timeline).toHaveLength(1)
    const types = newest.required_state?.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['m.room.create', 'm.room.member', 'm.room.join_rules']))
  })

  test('the connection for keys says what there is', async () => {
    const first = await eventually('keys', () => keys.answers[0])
    expect(first.rooms).toEqual({})
    expect(first.extensions['to_device']).toMatchObject({ next_batch: expect.any(String) })
    expect(first.extensions['e2ee']).toMatchObject({ device_unused_fallback_key_types: expect.any(Array) })
  })

  test('the list grows until it has all rooms, each of them once', async () => {
    last += GROWTH
    await eventually('all rooms', () => roomIds.every((id) => list.of(id).length > 0))
    for (const id of roomIds) expect(list.of(id).filter(({ initial }) => initial)).toHaveLength(1)
  })

  test('an open room brings twenty events and its state, and then what is new', async () => {
    const roomId = roomIds[3]!
    for (let count = 0; count < 25; count++) await bob.say(roomId, `line ${count}`)
    await said(list, roomId, 'line 24')
    await bob.setState(roomId, 'm.room.pinned_events', { pinned: [] })
    open = [roomId]
    const opened = await eventually('the open room', () =>
      list.of(roomId).find(({ timeline }) => timeline?.length === 20),
    )
    expect(opened).toMatchObject({ limited: true, prev_batch: expect.any(String) })
    expect(opened.required_state?.map(({ type }) => type)).toContain('m.room.pinned_events')
    await bob.say(roomId, 'while you look')
    await said(list, roomId, 'while you look')
    const path = `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&from=${String(opened['prev_batch'])}&limit=50`
    const { chunk } = await alice.call('GET', path)
    const older = (chunk as { content: Json }[]).map(({ content }) => String(content['body']))
    expect(older.filter((text) => text.startsWith('line'))).toEqual(
      [5, 4, 3, 2, 1, 0].map((count) => `line ${count}`),
    )
  })

  test('receipts and typing of the open room', async () => {
    const roomId = roomIds[3]!
    const read = await alice.say(roomId, 'have you seen this')
    const room = `/rooms/${encodeURIComponent(roomId)}`
    await bob.call('POST', `${room}/receipt/m.read/${encodeURIComponent(read)}`, {})
    await bob.call('PUT', `${room}/typing/${encodeURIComponent(bob.userId)}`, {
      typing: true,
      timeout: 20_000,
    })
    const came = (extension: string, words: string) =>
      eventually(`${extension} ${words}`, () =>
        list.answers.some(({ extensions }) => JSON.stringify(extensions[extension] ?? {}).includes(words)),
      )
    await came('receipts', read)
    await came('typing', bob.userId)
  })

  test('a third connection fetches what a notification shows, at the same time', async () => {
    const roomId = roomIds[5]!
    await bob.say(roomId, 'Dinner is ready')
    const invited = await bob.createRoom({ name: 'Surprise', invite: [alice.userId] })
    const shown = new Connection(alice, () => notification(roomId))
    shown.start()
    const answer = await eventually('the notification', () => shown.answers[0])
    await shown.stop()
    expect(shown.texts(roomId)[0]).toBe('Dinner is ready')
    expect(answer.lists).toEqual({ invites: { count: 1 } })
    expect(answer.rooms[invited]?.['invite_state']).toEqual(expect.any(Array))
    await said(list, roomId, 'Dinner is ready')
    expect(keys.expiries + list.expiries).toBe(0)
  })

  test('a restart of the server: the connections go on where they were', async () => {
    const roomId = roomIds[7]!
    const known = list.answers.length
    await server.restart()
    await bob.say(roomId, 'back again')
    await said(list, roomId, 'back again')
    expect(list.texts(roomId).filter((text) => text === 'back again')).toHaveLength(1)
    expect(list.expiries + keys.expiries).toBe(0)
    const initial = list.answers.slice(known).flatMap(({ rooms }) => Object.values(rooms))
    expect(initial.filter((room) => room.initial)).toEqual([])
  })

  test('a position that the server no longer knows: the client begins anew and misses nothing', async () => {
    const roomId = roomIds[9]!
    // Another process of the client that begins the same connection takes it over.
    const usurper = new Connection(alice, () => roomList(FIRST_PAGE))
    usurper.start()
    await eventually('the other process', () => usurper.answers[0])
    await usurper.stop()
    await eventually('the expiry', () => list.expiries > 0)
    await bob.say(roomId, 'still here')
    await said(list, roomId, 'still here')
    expect(list.of(roomId).filter(({ initial }) => initial).length).toBeGreaterThan(1)
  })
})
