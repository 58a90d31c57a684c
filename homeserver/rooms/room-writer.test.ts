import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import type { EventDraft } from './event-draft.ts'
import { openTestRooms, type TestRooms } from './room-services.fixture.ts'
import { LocalRoomWriter } from './room-writer.ts'

const ALICE = '@alice:here.test'
const BOB = '@bob:here.test'

let rooms: TestRooms
let writer: LocalRoomWriter

beforeAll(async () => {
  rooms = await openTestRooms()
  writer = new LocalRoomWriter(rooms.services)
})
afterAll(() => rooms.close())

function message(body: string, sender = ALICE): EventDraft {
  return { type: 'm.room.message', sender, content: { msgtype: 'm.text', body } }
}

function member(userId: string, membership: string, sender = userId): EventDraft {
  return { type: 'm.room.member', stateKey: userId, sender, content: { membership } }
}

async function createRoom(): Promise<string> {
  const version = roomVersion('12')!
  const createEvent = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: ALICE,
      content: { room_version: '12' },
      originServerTs: Date.now(),
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    version,
    rooms.services.signer,
  )
  await writer.submit(createEvent.roomId, {
    kind: 'create',
    version: '12',
    createEvent,
    drafts: [
      member(ALICE, 'join'),
      { type: 'm.room.power_levels', stateKey: '', sender: ALICE, content: { users: {} } },
      { type: 'm.room.join_rules', stateKey: '', sender: ALICE, content: { join_rule: 'public' } },
    ],
  })
  return createEvent.roomId
}

async function storedRows(roomId: string) {
  const roomNid = (await rooms.services.interner.findRoomNid(roomId))!
  return rooms.services.queries
    .selectFrom('event')
    .select(['event_id', 'stream_pos', 'history_pos', 'prev_event_ids', 'verdict', 'redacted_by'])
    .where('room_nid', '=', roomNid)
    .orderBy('history_pos')
    .execute()
}

describe('the writer of rooms', () => {
  it('creates a room and stores its events one after the other', async () => {
    const roomId = await createRoom()
    const rows = await storedRows(roomId)
    expect(rows.map((row) => row.history_pos)).toEqual([1, 2, 3, 4])
    expect(rows.map((row) => row.prev_event_ids)).toEqual([
      [],
      ...rows.slice(0, 3).map((row) => [row.event_id]),
    ])
    const positions = rows.map((row) => Number(row.stream_pos))
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  })

  it('chains concurrent sends and keeps the order of submission', async () => {
    const roomId = await createRoom()
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        writer.submit(roomId, { kind: 'send', drafts: [message(`${n}`)] }),
      ),
    )
    const sent = results.map((result) => result.eventIds[0])
    const rows = await storedRows(roomId)
    expect(rows.slice(4).map((row) => row.event_id)).toEqual(sent)
    expect(
      rows.every((row, index) => index === 0 || row.prev_event_ids[0] === rows[index - 1]!.event_id),
    ).toBe(true)
    const roomNid = (await rooms.services.interner.findRoomNid(roomId))!
    const extremities = await rooms.services.queries
      .selectFrom('forward_extremity')
      .selectAll()
      .where('room_nid', '=', roomNid)
      .execute()
    expect(extremities).toHaveLength(1)
  })

  it('refuses what the rules refuse, and goes on', async () => {
    const roomId = await createRoom()
    await expect(writer.submit(roomId, { kind: 'send', drafts: [message('no', BOB)] })).rejects.toMatchObject(
      {
        errcode: 'M_FORBIDDEN',
      },
    )
    await writer.submit(roomId, { kind: 'send', drafts: [member(BOB, 'join')] })
    await writer.submit(roomId, { kind: 'send', drafts: [message('yes', BOB)] })
    expect(await storedRows(roomId)).toHaveLength(6)
  })

  it('finds the room as it was after a restart', async () => {
    const roomId = await createRoom()
    await writer.submit(roomId, { kind: 'send', drafts: [member(BOB, 'join')] })
    const before = (await writer.open(roomId))!.head
    const restarted = new LocalRoomWriter(rooms.services)
    const room = (await restarted.open(roomId))!
    expect(room.head).toMatchObject({
      root: before.root,
      extremities: before.extremities,
      historyPos: before.historyPos,
    })
    const bob = await room.stateEvents(room.head.root, [{ type: 'm.room.member', stateKey: BOB }])
    expect(bob.get(stateTuple('m.room.member', BOB))?.event.content).toEqual({ membership: 'join' })
  })

  it('fences the writer whose room was opened by another one, which then starts anew', async () => {
    const roomId = await createRoom()
    const other = new LocalRoomWriter(rooms.services)
    await other.submit(roomId, { kind: 'send', drafts: [message('from the other')] })
    const [last] = (await writer.submit(roomId, { kind: 'send', drafts: [message('from the first')] }))
      .eventIds
    const rows = await storedRows(roomId)
    expect(rows.at(-1)?.event_id).toBe(last)
    expect(rows.at(-1)?.prev_event_ids).toEqual([rows.at(-2)?.event_id])
  })

  it('marks what a redaction redacts', async () => {
    const roomId = await createRoom()
    const [eventId] = (await writer.submit(roomId, { kind: 'send', drafts: [message('secret')] })).eventIds
    const redaction: EventDraft = { type: 'm.room.redaction', sender: ALICE, content: {}, redacts: eventId }
    await writer.submit(roomId, { kind: 'send', drafts: [redaction] })
    const rows = await storedRows(roomId)
    expect(rows.find((row) => row.event_id === eventId)?.redacted_by).not.toBeNull()
  })

  it('makes no event of a state that is what it was', async () => {
    const roomId = await createRoom()
    const topic: EventDraft = { type: 'm.room.topic', stateKey: '', sender: ALICE, content: { topic: 'a' } }
    const first = await writer.submit(roomId, { kind: 'send', drafts: [topic] })
    const second = await writer.submit(roomId, { kind: 'send', drafts: [topic] })
    expect(second.eventIds).toEqual(first.eventIds)
  })

  it('makes a new event of a state whose event was redacted', async () => {
    const roomId = await createRoom()
    const topic: EventDraft = { type: 'm.room.topic', stateKey: '', sender: ALICE, content: { topic: 'a' } }
    const [first] = (await writer.submit(roomId, { kind: 'send', drafts: [topic] })).eventIds
    const redaction: EventDraft = { type: 'm.room.redaction', sender: ALICE, content: {}, redacts: first }
    // Both under way at a time: the redaction counts before it is committed.
    const [, second] = await Promise.all([
      writer.submit(roomId, { kind: 'send', drafts: [redaction] }),
      writer.submit(roomId, { kind: 'send', drafts: [topic] }),
    ])
    expect(second.eventIds).not.toEqual([first])
    expect((await writer.open(roomId))!.busy).toBe(false)
  })

  it('refuses the same request twice and keeps one event', async () => {
    const roomId = await createRoom()
    const userNid = await rooms.services.interner.userNid(ALICE)
    const request = { userNid, deviceId: 'D', requestHash: 'ab'.repeat(32) }
    const send = () => writer.submit(roomId, { kind: 'send', drafts: [message('once')], request })
    await send()
    await expect(send()).rejects.toThrow()
    await writer.submit(roomId, { kind: 'send', drafts: [message('after')] })
    const rows = await storedRows(roomId)
    expect(rows).toHaveLength(6)
  })
})
