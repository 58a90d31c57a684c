import { MsgType, Preset, type MatrixClient } from 'matrix-js-sdk'
import {
  ExtensionState,
  SlidingSync,
  SlidingSyncEvent,
  SlidingSyncState,
  type Extension,
  type MSC3575List,
  type MSC3575RoomData,
  type MSC3575SlidingSyncResponse,
} from 'matrix-js-sdk/lib/sliding-sync.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startRestartableServer, type RestartableServer } from '../restartable-server.ts'
import { registerWebUser } from './start-web-client.ts'

const TIMEOUT_MS = 2_000
const ROOMS = 6

const LIST: MSC3575List = {
  ranges: [[0, 1]],
  timeline_limit: 1,
  required_state: [
    ['m.room.name', ''],
    ['m.room.member', '$LAZY'],
  ],
}

/** An extension as SlidingSyncSdk registers them: what it asks for, and all that came. */
function extension(
  name: string,
  request: object,
): Extension<object, object> & { readonly answers: object[] } {
  const answers: object[] = []
  return {
    answers,
    name: () => name,
    when: () => ExtensionState.PostProcess,
    onRequest: async () => request,
    onResponse: async (answer) => void answers.push(answer),
  }
}

describe('SlidingSync of matrix-js-sdk', () => {
  let server: RestartableServer
  let alice: MatrixClient
  let bob: MatrixClient
  let sliding: SlidingSync
  const roomIds: string[] = []
  const rooms = new Map<string, MSC3575RoomData[]>()
  const answers: MSC3575SlidingSyncResponse[] = []
  const accountData = extension('account_data', { enabled: true })
  const typing = extension('typing', { enabled: true })
  const receipts = extension('receipts', { enabled: true })

  const say = (client: MatrixClient, roomId: string, body: string) =>
    client.sendMessage(roomId, { msgtype: MsgType.Text, body })
  const bodies = (roomId: string) =>
    (rooms.get(roomId) ?? []).flatMap(({ timeline }) => timeline.map(({ content }) => content['body']))

  beforeAll(async () => {
    server = await startRestartableServer()
    alice = await registerWebUser(server.url, 'alice')
    bob = await registerWebUser(server.url, 'bob')
    for (let count = 0; count < ROOMS; count++) {
      const name = `Room ${count}`
      const { room_id: id } = await alice.createRoom({ preset: Preset.PublicChat, name })
      await bob.joinRoom(id)
      await say(bob, id, `hello ${count}`)
      roomIds.push(id)
    }
    sliding = new SlidingSync(
      server.url,
      new Map([['all', LIST]]),
      { timeline_limit: 20, required_state: [] },
      alice,
      TIMEOUT_MS,
    )
    sliding.on(SlidingSyncEvent.RoomData, (roomId, data) => {
      rooms.set(roomId, [...(rooms.get(roomId) ?? []), data])
    })
    sliding.on(SlidingSyncEvent.Lifecycle, (state, answer) => {
      if (state === SlidingSyncState.Complete && answer) answers.push(answer)
    })
    for (const each of [accountData, typing, receipts]) sliding.registerExtension(each)
    void sliding.start()
  })

  afterAll(async () => {
    sliding.stop()
    await server.close()
  })

  test('the newest rooms of the list come first, complete', async () => {
    await eventually('the list', () => answers.length > 0)
    expect(sliding.getListData('all')?.joinedCount).toBe(ROOMS)
    expect([...rooms.keys()].toSorted()).toEqual(roomIds.slice(-2).toSorted())
    const [newest] = rooms.get(roomIds.at(-1)!)!
    expect(newest).toMatchObject({ name: 'Room 5', initial: true, joined_count: 2, notification_count: 1 })
    expect(newest!.timeline.map(({ content }) => content['body'])).toEqual(['hello 5'])
    expect(newest!.required_state.map(({ type }) => type)).toContain('m.room.name')
  })

  test('a wider range brings the other rooms', async () => {
    sliding.setListRanges('all', [[0, ROOMS - 1]])
    await eventually('all rooms', () => rooms.size === ROOMS)
  })

  test('a subscription brings more of a room', async () => {
    const roomId = roomIds[0]!
    for (const number of [1, 2, 3]) await say(bob, roomId, `more ${number}`)
    sliding.modifyRoomSubscriptions(new Set([roomId]))
    await eventually(
      'the room again',
      () => bodies(roomId).includes('hello 0') && bodies(roomId).includes('more 3'),
    )
  })

  test('a message comes once while the client waits', async () => {
    await say(bob, roomIds[2]!, 'only once')
    await eventually('the message', () => bodies(roomIds[2]!).includes('only once'))
    expect(bodies(roomIds[2]!).filter((body) => body === 'only once')).toHaveLength(1)
  })

  test('extensions: account data, typing, receipts', async () => {
    const roomId = roomIds[3]!
    const { event_id: read } = await say(alice, roomId, 'read me')
    await alice.setRoomReadMarkers(roomId, read)
    await bob.sendTyping(roomId, true, 20_000)
    await bob.setRoomReadMarkersHttpRequest(roomId, read, read)
    const told = (extensionAnswers: readonly object[], words: string) =>
      eventually(words, () => JSON.stringify(extensionAnswers).includes(words))
    await told(accountData.answers, 'm.fully_read')
    await told(typing.answers, bob.getSafeUserId())
    await told(receipts.answers, read)
  })

  test('a restart of the server loses and repeats nothing', async () => {
    const roomId = roomIds[1]!
    await server.restart()
    await say(bob, roomId, 'after the restart')
    await eventually('the message', () => bodies(roomId).includes('after the restart'))
    expect(bodies(roomId).filter((body) => body === 'after the restart')).toHaveLength(1)
    expect(rooms.get(roomId)!.at(-1)?.initial).not.toBe(true)
  })
})
