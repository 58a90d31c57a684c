import { EventType, KnownMembership, MsgType, RelationType } from 'matrix-js-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { Connection } from './element-x/connection.ts'
import { roomList } from './element-x/requests.ts'
import { startWebUser, type WebUser } from './js-sdk/start-web-client.ts'
import { startBot, type Bot } from './start-bot.ts'

describe('a web client, a mobile client and a bot in one room', () => {
  let server: TestServer
  let web: WebUser
  let bot: Bot
  let mobile: TestClient
  let screen: Connection
  let roomId: string

  beforeAll(async () => {
    server = await startTestServer()
    web = await startWebUser(server.url, 'web')
    bot = await startBot(server.url, 'bot')
    mobile = await server.register('mobile')
    screen = new Connection(mobile, () => roomList(19, roomId === undefined ? [] : [roomId]))
    screen.start()
  })

  afterAll(async () => {
    web.client.stopClient()
    bot.client.stop()
    await screen.stop()
    await server.close()
  })

  const botSaw = (eventId: string) =>
    eventually(`${eventId} at the bot`, () => bot.seen.some(({ event }) => event['event_id'] === eventId))
  const screenShows = (text: string) =>
    eventually(`${text} on the screen`, () => screen.texts(roomId).includes(text))

  test('the web client invites, the others join', async () => {
    roomId = (await web.client.createRoom({ name: 'Square', invite: [bot.id, mobile.userId] })).room_id
    await eventually('the invite on the screen', () => screen.of(roomId).some((room) => room['invite_state']))
    await mobile.join(roomId)
    await bot.client.joinRoom(roomId)
    const room = await web.room(roomId)
    await eventually('all three', () =>
      [bot.id, mobile.userId].every((id) => room.getMember(id)?.membership === KnownMembership.Join),
    )
  })

  test('each of them hears the two others once', async () => {
    const spoken = await web.client.sendMessage(roomId, { msgtype: MsgType.Text, body: 'from the web' })
    const fromBot = await bot.client.sendText(roomId, 'from the bot')
    const fromMobile = await mobile.say(roomId, 'from the mobile')
    for (const id of [spoken.event_id, fromBot, fromMobile]) {
      await web.event(roomId, id)
      await botSaw(id)
    }
    for (const text of ['from the web', 'from the bot', 'from the mobile']) {
      await screenShows(text)
      expect(screen.texts(roomId).filter((one) => one === text)).toHaveLength(1)
    }
    expect(web.arrived(roomId).filter((id) => id === fromBot || id === fromMobile)).toHaveLength(2)
  })

  test('a message of one is edited and redacted before the eyes of all', async () => {
    const said = await mobile.say(roomId, 'a mistkae')
    const edit = await mobile.send(roomId, EventType.RoomMessage, {
      msgtype: 'm.text',
      body: '* a mistake',
      'm.new_content': { msgtype: 'm.text', body: 'a mistake' },
      'm.relates_to': { rel_type: RelationType.Replace, event_id: said },
    })
    const event = await web.event(roomId, said)
    await eventually('the edit', () => event.replacingEventId() === edit)
    await botSaw(edit)
    await screenShows('* a mistake')
    const redaction = await web.client.redactEvent(roomId, said)
    await botSaw(redaction.event_id)
    await eventually('the redaction on the screen', () =>
      screen
        .of(roomId)
        .some(({ timeline }) => timeline?.some(({ event_id: id }) => id === redaction.event_id)),
    )
    expect((await bot.client.getRawEvent(roomId, said)).content).toEqual({})
  })
})
