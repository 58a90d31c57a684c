import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { streamPosition } from '../../storage/position/position.ts'
import { answerChunks } from './answer-chunks.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import type { RoomPlan } from './skeleton.ts'
import { Turns } from './turns.ts'

const BEGUN: BegunAnswer = {
  next: { kind: 'stream', position: streamPosition(1), ephemeral: { epoch: 'e', version: 0 } },
  nextBatch: 's1_e.0',
  plans: [],
  accountData: ['{"type":"a"}'],
  roomData: new Map(),
  invite: ['"!i":{}'],
  knock: [],
  provided: { fields: { to_device: '{"events":[]}' }, hasNews: false },
}

const place = { since: streamPosition(1), joinedAt: undefined, outside: false, eventNid: undefined }

function planOf(number: number, section: RoomPlan['section']): RoomPlan {
  const roomNid = number as RoomNid
  return {
    roomNid,
    roomId: `!${number}`,
    room: { roomNid, membership: section, ...place },
    section,
    after: undefined,
    upTo: streamPosition(1),
    whole: true,
    newlyJoined: false,
  }
}

async function build(group: readonly RoomPlan[]): Promise<RoomTexts> {
  const piecesOf = (section: RoomPlan['section']) =>
    group
      .filter((plan) => plan.section === section)
      .map(({ roomId }) => [`${JSON.stringify(roomId)}:`, Buffer.from('{"ä"'), ':1}'])
  return { join: piecesOf('join'), leave: piecesOf('leave') }
}

const plans = fc
  .tuple(fc.nat(5), fc.nat(5))
  .map(([left, joined]) => [
    ...Array.from({ length: left }, (_, index) => planOf(index, 'leave')),
    ...Array.from({ length: joined }, (_, index) => planOf(left + index, 'join')),
  ])

test('says the same however the rooms are grouped', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.array(fc.nat(10), { maxLength: 3 }), async (all, cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), all.length]
      const groups = places.slice(1).map((end, index) => all.slice(places[index], end))
      const chunks: Buffer[] = []
      for await (const chunk of answerChunks(BEGUN, groups, build, new Turns(1))) chunks.push(chunk)
      const { rooms, ...rest } = JSON.parse(Buffer.concat(chunks).toString()) as {
        rooms: Record<string, Record<string, unknown>>
      }
      const idsOf = (section: string) =>
        all.filter((plan) => plan.section === section).map(({ roomId }) => roomId)
      expect(Object.keys(rooms['leave']!).toSorted()).toEqual(idsOf('leave').toSorted())
      expect(Object.keys(rooms['join']!).toSorted()).toEqual(idsOf('join').toSorted())
      expect(rooms['invite']).toEqual({ '!i': {} })
      expect(rest).toEqual({
        next_batch: 's1_e.0',
        account_data: { events: [{ type: 'a' }] },
        to_device: { events: [] },
      })
    }),
  )
})

test('builds a group when what is before it has been taken', async () => {
  const built: string[] = []
  const large = 'x'.repeat(100_000)
  const groups = [[planOf(1, 'join')], [planOf(2, 'join')], [planOf(3, 'join')]]
  const buildLarge = async ([plan]: readonly RoomPlan[]): Promise<RoomTexts> => {
    built.push(plan!.roomId)
    return { join: [[`"${plan!.roomId}":"${large}"`]], leave: [] }
  }
  const chunks = answerChunks(BEGUN, groups, buildLarge, new Turns(1))
  await chunks.next()
  await chunks.next()
  expect(built).toEqual(['!1'])
  await chunks.return(undefined)
  expect(built).toEqual(['!1'])
})
