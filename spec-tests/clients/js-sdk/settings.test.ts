import {
  EventTimeline,
  EventType,
  JoinRule,
  KnownMembership,
  MsgType,
  NotificationCountType,
  Preset,
  PushRuleActionName,
  PushRuleKind,
  SetPresence,
  type MatrixEvent,
  type Room,
} from 'matrix-js-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startRestartableServer, type RestartableServer } from '../restartable-server.ts'
import { startWebUser, type WebUser } from './start-web-client.ts'

const MESSAGES_BEFORE = 3
/** More than the library takes in one sync, so that it has a hole to fill. */
const MESSAGES_WHILE_AWAY = 30

/** The live timeline with all older ones that the library has found to lie before it. */
function connectedEvents(room: Room): MatrixEvent[] {
  const events: MatrixEvent[] = []
  let timeline: EventTimeline | null = room.getLiveTimeline()
  while (timeline) {
    events.unshift(...timeline.getEvents())
    timeline = timeline.getNeighbouringTimeline(EventTimeline.BACKWARDS)
  }
  return events
}

describe('matrix-js-sdk: settings, knocks, presence, a restart', () => {
  let server: RestartableServer
  let alice: WebUser
  let bob: WebUser
  let roomId: string

  beforeAll(async () => {
    server = await startRestartableServer()
    alice = await startWebUser(server.url, 'alice')
    bob = await startWebUser(server.url, 'bob')
    roomId = (await alice.client.createRoom({ preset: Preset.PrivateChat, name: 'Attic' })).room_id
  })

  afterAll(async () => {
    alice.client.stopClient()
    bob.client.stopClient()
    await server.close()
  })

  const say = (user: WebUser, body: string) =>
    user.client.sendMessage(roomId, { msgtype: MsgType.Text, body })

  test('knocks and is let in', async () => {
    await alice.client.sendStateEvent(roomId, EventType.RoomJoinRules, { join_rule: JoinRule.Knock }, '')
    await bob.client.knockRoom(roomId, { reason: 'It is me', viaServers: ['here.test'] })
    const room = await bob.room(roomId)
    await eventually('the knock', () => room.getMyMembership() === KnownMembership.Knock)
    expect(room.name).toBe('Attic')
    const alices = await alice.room(roomId)
    const knock = await eventually('the knock at alice', () => {
      const member = alices.getMember(bob.id)
      return member?.membership === KnownMembership.Knock && member
    })
    expect(knock.events.member?.getContent()['reason']).toBe('It is me')
    await alice.client.invite(roomId, bob.id)
    await eventually('the invite', () => room.getMyMembership() === KnownMembership.Invite)
    await bob.client.joinRoom(roomId)
    await eventually('the join', () => room.getMyMembership() === KnownMembership.Join)
  })

  test('keeps account data, which come back down the sync', async () => {
    await alice.client.setAccountData(EventType.Direct, { [bob.id]: [roomId] })
    expect(alice.client.getAccountData(EventType.Direct)?.getContent()).toEqual({ [bob.id]: [roomId] })
  })

  test('tags a room and takes the tag away', async () => {
    const room = await alice.room(roomId)
    await alice.client.setRoomTag(roomId, 'm.favourite', { order: 0.25 })
    await eventually('the tag', () => room.tags['m.favourite']?.order === 0.25)
    await alice.client.deleteRoomTag(roomId, 'm.favourite')
    await eventually('no tag', () => room.tags['m.favourite'] === undefined)
  })

  test('adds, switches off and deletes a push rule', async () => {
    const rule = () => bob.client.pushRules?.global.content?.find(({ rule_id: id }) => id === 'test.chimney')
    await bob.client.addPushRule('global', PushRuleKind.ContentSpecific, 'test.chimney', {
      pattern: 'chimney',
      actions: [PushRuleActionName.Notify, { set_tweak: 'highlight', value: true }],
    } as Parameters<typeof bob.client.addPushRule>[3])
    await eventually('the rule', () => rule()?.enabled)
    const room = await bob.room(roomId)
    await say(alice, 'Is the chimney clean?')
    await eventually(
      'a highlight',
      () => room.getUnreadNotificationCount(NotificationCountType.Highlight) === 1,
    )
    await bob.client.setPushRuleEnabled('global', PushRuleKind.ContentSpecific, 'test.chimney', false)
    await eventually('the rule off', () => rule()?.enabled === false)
    await bob.client.deletePushRule('global', PushRuleKind.ContentSpecific, 'test.chimney')
    await eventually('no rule', () => rule() === undefined)
  })

  test('tells presence to those who share a room', async () => {
    await alice.client.setPresence({ presence: SetPresence.Unavailable, status_msg: 'On the roof' })
    const seen = await eventually('the status', () => {
      const user = bob.client.getUser(alice.id)
      return user?.presenceStatusMsg === 'On the roof' && user
    })
    expect(['unavailable', 'online']).toContain(seen.presence)
  })

  test('shows typing', async () => {
    const room = await bob.room(roomId)
    await alice.client.sendTyping(roomId, true, 20_000)
    await eventually('typing', () => room.getMember(alice.id)?.typing)
    await alice.client.sendTyping(roomId, false, 0)
    await eventually('no typing', () => room.getMember(alice.id)?.typing === false)
  })

  test('reconnects after a restart of the server without loss or repetition', async () => {
    const sent: string[] = []
    for (let count = 0; count < MESSAGES_BEFORE; count++)
      sent.push((await say(alice, `before ${count}`)).event_id)
    await bob.event(roomId, sent.at(-1)!)
    await server.restart()
    for (let count = 0; count < MESSAGES_WHILE_AWAY; count++)
      sent.push((await say(alice, `after ${count}`)).event_id)
    const room = await bob.room(roomId)
    await bob.event(roomId, sent.at(-1)!)
    await eventually('everything', async () => {
      await bob.client.scrollback(room, 50)
      return sent.every((id) => room.findEventById(id) !== undefined)
    })
    const ids = connectedEvents(room).map((event) => event.getId()!)
    expect(ids.filter((id) => sent.includes(id))).toEqual(sent)
    const arrived = bob.arrived(roomId)
    expect(new Set(arrived).size).toBe(arrived.length)
  })
})
