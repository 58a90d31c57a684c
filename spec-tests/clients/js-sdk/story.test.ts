import {
  EventType,
  HistoryVisibility,
  KnownMembership,
  MsgType,
  Preset,
  ReceiptType,
  RelationType,
  type MatrixEvent,
} from 'matrix-js-sdk'
import { RoomHierarchy } from 'matrix-js-sdk/lib/room-hierarchy.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { startWebUser, type WebUser } from './start-web-client.ts'

describe('matrix-js-sdk', () => {
  let server: TestServer
  let alice: WebUser
  let bob: WebUser
  let roomId: string
  let spaceId: string
  let hello: string

  beforeAll(async () => {
    server = await startTestServer()
    alice = await startWebUser(server.url, 'alice')
    bob = await startWebUser(server.url, 'bob')
  })

  afterAll(async () => {
    alice.client.stopClient()
    bob.client.stopClient()
    await server.close()
  })

  const text = (body: string) => ({ msgtype: MsgType.Text as const, body })
  const membership = (user: WebUser, id: string) => user.client.getRoom(id)?.getMyMembership()

  test('creates a room and invites; the other accepts', async () => {
    roomId = (
      await alice.client.createRoom({ preset: Preset.PrivateChat, name: 'Kitchen', invite: [bob.id] })
    ).room_id
    await eventually('the invite', () => membership(bob, roomId) === KnownMembership.Invite)
    expect(bob.client.getRoom(roomId)?.name).toBe('Kitchen')
    await bob.client.joinRoom(roomId)
    await eventually('the join', () => membership(bob, roomId) === KnownMembership.Join)
    const room = await alice.room(roomId)
    await room.loadMembersIfNeeded()
    await eventually(
      'bob among the members',
      () => room.getMember(bob.id)?.membership === KnownMembership.Join,
    )
    expect(room.getJoinedMemberCount()).toBe(2)
  })

  test('creates a space and reads its hierarchy', async () => {
    spaceId = (await alice.client.createRoom({ name: 'House', creation_content: { type: 'm.space' } }))
      .room_id
    await alice.client.sendStateEvent(spaceId, EventType.SpaceChild, { via: ['here.test'] }, roomId)
    const space = await alice.room(spaceId)
    expect(space.isSpaceRoom()).toBe(true)
    const hierarchy = new RoomHierarchy(space, 1)
    while (hierarchy.canLoadMore) await hierarchy.load()
    expect(hierarchy.rooms?.map(({ name }) => name)).toEqual(['House', 'Kitchen'])
  })

  test('talks: the echo of a message replaces the pending one, and nothing comes twice', async () => {
    hello = (await alice.client.sendMessage(roomId, text('Hello from the stove'))).event_id
    const seen = await bob.event(roomId, hello)
    expect(seen.getContent()['body']).toBe('Hello from the stove')
    const own = await alice.event(roomId, hello)
    expect(own.getUnsigned().transaction_id).toMatch(/^m/)
    expect(seen.getUnsigned().transaction_id).toBeUndefined()
    const room = await alice.room(roomId)
    await eventually('nothing pending', () => room.getPendingEvents().length === 0)
    const bodies = room
      .getLiveTimeline()
      .getEvents()
      .map((event: MatrixEvent) => event.getContent()['body'])
    expect(bodies.filter((body) => body === 'Hello from the stove')).toHaveLength(1)
    expect(alice.arrived(roomId).filter((id) => id === hello).length).toBeLessThanOrEqual(1)
    expect(bob.arrived(roomId).filter((id) => id === hello)).toHaveLength(1)
  })

  test('counts what is unread; a receipt takes the count away and the sender sees it', async () => {
    const room = await bob.room(roomId)
    const mention = { ...text('bob, come'), 'm.mentions': { user_ids: [bob.id] } }
    const { event_id: called } = await alice.client.sendMessage(roomId, mention)
    const event = await bob.event(roomId, called)
    await eventually('counts', () => room.getUnreadNotificationCount() === 2)
    await bob.client.sendReadReceipt(event)
    await eventually('no count', () => room.getUnreadNotificationCount() === 0)
    const alices = await alice.room(roomId)
    await eventually('the receipt', () => alices.hasUserReadEvent(bob.id, called))
  })

  test('a private receipt takes the count away and nobody sees it', async () => {
    const { event_id: secret } = await alice.client.sendMessage(roomId, text('Read this quietly'))
    const room = await bob.room(roomId)
    const event = await bob.event(roomId, secret)
    await eventually('count', () => room.getUnreadNotificationCount() === 1)
    await bob.client.sendReadReceipt(event, ReceiptType.ReadPrivate)
    await eventually('no count', () => room.getUnreadNotificationCount() === 0)
    const { event_id: later } = await alice.client.sendMessage(roomId, text('Did you?'))
    await alice.event(roomId, later)
    const alices = await alice.room(roomId)
    expect(alices.getReadReceiptForUserId(bob.id, true)?.eventId).not.toBe(secret)
  })

  test('edits, and the library shows the new text', async () => {
    const replacement = text('Hello from the oven')
    const { event_id: edit } = await alice.client.sendEvent(roomId, EventType.RoomMessage, {
      ...text('* Hello from the oven'),
      'm.new_content': replacement,
      'm.relates_to': { rel_type: RelationType.Replace, event_id: hello },
    })
    const event = await bob.event(roomId, hello)
    await eventually('the edit', () => event.replacingEventId() === edit)
    expect(event.getContent()['body']).toBe('Hello from the oven')
    const context = await bob.client.fetchRoomEvent(roomId, hello)
    expect(context.unsigned?.['m.relations']?.['m.replace']).toMatchObject({ event_id: edit })
  })

  test('reacts, and the library sums reactions up', async () => {
    await bob.client.sendEvent(roomId, EventType.Reaction, {
      'm.relates_to': { rel_type: RelationType.Annotation, event_id: hello, key: '👍' },
    })
    const room = await alice.room(roomId)
    const reactions = await eventually('the reaction', () =>
      room.relations.getChildEventsForEvent(hello, RelationType.Annotation, EventType.Reaction),
    )
    const sums = reactions.getSortedAnnotationsByKey()
    expect(sums?.map(([key, events]) => [key, events.size])).toEqual([['👍', 1]])
  })

  test('redacts', async () => {
    const { event_id: slip } = await bob.client.sendMessage(roomId, text('A slip of the tongue'))
    const event = await alice.event(roomId, slip)
    await bob.client.redactEvent(roomId, slip)
    await eventually('the redaction', () => event.isRedacted())
    expect(event.getContent()).toEqual({})
  })

  test('replies in a thread: list of threads, counts and threaded receipts', async () => {
    const { event_id: reply } = await bob.client.sendMessage(roomId, hello, text('In the thread'))
    await bob.client.sendMessage(roomId, hello, text('And once more'))
    const room = await alice.room(roomId)
    const thread = await eventually('the thread', () => room.getThread(hello) ?? undefined)
    await eventually('two replies', () => thread.length === 2)
    await eventually('unread in the thread', () => room.getThreadUnreadNotificationCount(hello) === 2)
    expect(room.getRoomUnreadNotificationCount()).toBe(0)
    const last = await eventually('the last reply', () => thread.replyToEvent ?? undefined)
    expect(last.getContent()['body']).toBe('And once more')
    await alice.client.sendReadReceipt(last)
    await eventually('read in the thread', () => room.getThreadUnreadNotificationCount(hello) === 0)
    await eventually('the reply itself', () => thread.findEventById(reply) ?? undefined)

    const lists = await room.createThreadsTimelineSets()
    await room.fetchRoomThreads()
    const roots = (lists?.[0].getLiveTimeline().getEvents() ?? []).map((event) => event.getId())
    expect(roots).toEqual([hello])
  })

  test('searches, page by page', async () => {
    for (const dish of ['soup', 'salad', 'sorbet'])
      await alice.client.sendMessage(roomId, text(`Tonight: ${dish} from our garden`))
    const found = await eventually('three results', async () => {
      const results = await bob.client.searchRoomEvents({
        term: 'garden',
        filter: { rooms: [roomId], limit: 2 },
      })
      return results.count === 3 && results
    })
    const page = () => found.results.map(({ context }) => context.getEvent().getContent()['body'])
    expect(page()).toHaveLength(2)
    await bob.client.backPaginateRoomEventsSearch(found)
    expect(page().toSorted()).toEqual([
      'Tonight: salad from our garden',
      'Tonight: sorbet from our garden',
      'Tonight: soup from our garden',
    ])
  })

  test('pages back to the creation of the room', async () => {
    const room = await bob.room(roomId)
    const first = () => room.getLiveTimeline().getEvents()[0]?.getType()
    await eventually('the creation', async () => {
      await bob.client.scrollback(room, 10)
      return first() === EventType.RoomCreate
    })
    expect(room.getHistoryVisibility()).toBe(HistoryVisibility.Shared)
  })

  test('leaves and forgets', async () => {
    await bob.client.leave(roomId)
    await eventually('the leave', () => membership(bob, roomId) === KnownMembership.Leave)
    await bob.client.forget(roomId)
    expect((await bob.client.getJoinedRooms()).joined_rooms).not.toContain(roomId)
    const room = await alice.room(roomId)
    await eventually('alice alone', () => room.getMember(bob.id)?.membership === KnownMembership.Leave)
  })
})
