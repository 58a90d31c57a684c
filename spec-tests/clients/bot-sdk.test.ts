import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { Json } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { startBot, type Bot, type WATCHED } from './start-bot.ts'

describe('matrix-bot-sdk', () => {
  let server: TestServer
  let alice: Bot
  let bob: Bot
  let roomId: string
  let hello: string

  beforeAll(async () => {
    // The library's createSpace gives its creator a power level, which rooms of version 12 refuse.
    server = await startTestServer({ config: { default_room_version: '11' } })
    alice = await startBot(server.url, 'alice')
    bob = await startBot(server.url, 'bob')
  })

  afterAll(async () => {
    alice.client.stop()
    bob.client.stop()
    await server.close()
  })

  /** Waits until a bot was told of this, and returns the event. */
  const told = async (bot: Bot, what: (typeof WATCHED)[number], fits: (event: Json) => boolean) => {
    const entry = await eventually(`${what} at ${bot.id}`, () =>
      bot.seen.find((one) => one.what === what && one.roomId === roomId && fits(one.event)),
    )
    return entry.event
  }
  const named = (id: string) => (event: Json) => event['event_id'] === id

  test('creates a room and invites; the other joins', async () => {
    roomId = await alice.client.createRoom({ preset: 'private_chat', name: 'Workshop' })
    await alice.client.inviteUser(bob.id, roomId)
    await told(bob, 'room.invite', (event) => event['state_key'] === bob.id)
    expect(await bob.client.joinRoom(roomId)).toBe(roomId)
    await told(bob, 'room.join', () => true)
    expect((await alice.client.getJoinedRoomMembers(roomId)).toSorted()).toEqual([alice.id, bob.id])
    expect(await bob.client.getRoomStateEvent(roomId, 'm.room.name', '')).toEqual({ name: 'Workshop' })
  })

  test('creates a space with the room in it', async () => {
    const space = await alice.client.createSpace({ name: 'Yard', isPublic: false, invites: [bob.id] })
    await space.addChildRoom(roomId, { suggested: true, via: ['here.test'] })
    expect(Object.keys(await space.getChildEntities())).toEqual([roomId])
    const same = await alice.client.getSpace(space.roomId)
    await same.removeChildRoom(roomId)
    expect(Object.keys(await same.getChildEntities())).toEqual([])
  })

  test('talks and answers', async () => {
    hello = await alice.client.sendText(roomId, 'Hello from the bench')
    const seen = await told(bob, 'room.message', named(hello))
    const answer = await bob.client.replyText(roomId, seen, 'Hello to the bench')
    const received = await told(alice, 'room.message', named(answer))
    expect(received['content']).toMatchObject({ 'm.relates_to': { 'm.in_reply_to': { event_id: hello } } })
    const context = await bob.client.getEventContext(roomId, hello)
    expect(context.event.eventId).toBe(hello)
    expect(context.after.map(({ eventId }) => eventId)).toEqual([answer])
  })

  test('edits, reacts and replies in a thread; relations tell of them', async () => {
    const edit = await alice.client.sendMessage(roomId, {
      msgtype: 'm.text',
      body: '* Hello from the lathe',
      'm.new_content': { msgtype: 'm.text', body: 'Hello from the lathe' },
      'm.relates_to': { rel_type: 'm.replace', event_id: hello },
    })
    const reaction = await bob.client.sendEvent(roomId, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: hello, key: '👍' },
    })
    const reply = await bob.client.sendMessage(roomId, {
      msgtype: 'm.text',
      body: 'In the thread',
      'm.relates_to': { rel_type: 'm.thread', event_id: hello },
    })
    for (const id of [edit, reaction, reply]) await told(alice, 'room.event', named(id))
    const related = async (type?: string) => {
      const { chunk } = await alice.client.getRelationsForEvent(roomId, hello, type)
      return chunk.map((event: Json) => event['event_id'])
    }
    expect(await related('m.replace')).toEqual([edit])
    expect(await related('m.annotation')).toEqual([reaction])
    expect(await related('m.thread')).toEqual([reply])
    expect(await related()).toEqual([reply, reaction, edit])
    expect((await alice.client.getRawEvent(roomId, hello)).unsigned['m.relations']).toMatchObject({
      'm.replace': { event_id: edit },
      'm.thread': { count: 1, current_user_participated: true },
    })
  })

  test('searches', async () => {
    const found = await eventually('the result', async () => {
      const { search_categories: categories } = await bob.client.doRequest(
        'POST',
        '/_matrix/client/v3/search',
        null,
        {
          search_categories: { room_events: { search_term: 'bench', order_by: 'recent' } },
        },
      )
      return categories.room_events.count > 0 && categories.room_events
    })
    const contents = found.results.map(({ result }: { result: Json }) => result['content'])
    expect(contents[0]).toMatchObject({ body: expect.stringContaining('Hello to the bench') })
  })

  test('reads, types, keeps account data, changes its name', async () => {
    await bob.client.sendReadReceipt(roomId, hello)
    await bob.client.setTyping(roomId, true)
    await bob.client.setTyping(roomId, false)
    await bob.client.setAccountData('org.example.settings', { colour: 'red' })
    expect(await bob.client.getSafeAccountData('org.example.settings')).toEqual({ colour: 'red' })
    expect(await bob.client.getSafeRoomAccountData('org.example.none', roomId, { none: true })).toEqual({
      none: true,
    })
    await bob.client.setDisplayName('Bob the bot')
    expect(await alice.client.getUserProfile(bob.id)).toMatchObject({ displayname: 'Bob the bot' })
    await told(alice, 'room.event', (event) => {
      const content = event['content'] as Json
      return event['type'] === 'm.room.member' && content['displayname'] === 'Bob the bot'
    })
  })

  test('shows presence', async () => {
    await alice.client.setPresenceStatus('online', 'At work')
    expect(await bob.client.getPresenceStatusFor(alice.id)).toMatchObject({
      state: 'online',
      statusMessage: 'At work',
    })
  })

  test('publishes the room under an alias', async () => {
    await alice.client.createRoomAlias('#workshop:here.test', roomId)
    expect(await bob.client.resolveRoom('#workshop:here.test')).toBe(roomId)
    await alice.client.setDirectoryVisibility(roomId, 'public')
    expect(await bob.client.getDirectoryVisibility(roomId)).toBe('public')
  })

  test('moderates: power, redaction, kick, ban', async () => {
    expect(await bob.client.userHasPowerLevelFor(bob.id, roomId, 'm.room.topic', true)).toBe(false)
    await alice.client.setUserPowerLevel(bob.id, roomId, 50)
    expect(await bob.client.userHasPowerLevelFor(bob.id, roomId, 'm.room.topic', true)).toBe(true)
    const redaction = await bob.client.redactEvent(roomId, hello, 'Too loud')
    expect(await told(alice, 'room.event', named(redaction))).toMatchObject({ type: 'm.room.redaction' })
    expect((await bob.client.getEvent(roomId, hello)).content).toEqual({})
    await expect(bob.client.banUser(alice.id, roomId)).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' })
  })

  test('upgrades the room and finds its history', async () => {
    const old = await alice.client.createRoom({ preset: 'public_chat', room_version: '10' })
    const answer = await alice.client.doRequest(
      'POST',
      `/_matrix/client/v3/rooms/${encodeURIComponent(old)}/upgrade`,
      null,
      {
        new_version: '12',
      },
    )
    const history = await alice.client.getRoomUpgradeHistory(old)
    expect(history.newer.map(({ roomId: id }) => id)).toEqual([answer['replacement_room']])
  })

  test('leaves and forgets', async () => {
    await bob.client.leaveRoom(roomId)
    await told(bob, 'room.leave', () => true)
    await bob.client.forgetRoom(roomId)
    expect(await bob.client.getJoinedRooms()).toEqual([])
    expect(await alice.client.getJoinedRoomMembers(roomId)).toEqual([alice.id])
  })
})
