import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'
import { relationStatements, type RelatingWrite } from './relation-statements.ts'

let test: TestDatabase
let database: Database
beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase(test.address)
})
afterAll(async () => {
  await database.close()
  await test.close()
})

const ROOM = 1 as RoomNid
const HISTORY = 12

/** An event of the room's history by its place, and which older or newer place it redacts. */
const writes = fc.uniqueArray(
  fc.record({
    place: fc.integer({ min: 1, max: HISTORY }),
    sender: fc.integer({ min: 1, max: 2 }),
    root: fc.constantFrom('$a', '$b', undefined),
    relType: fc.constantFrom('m.thread', 'm.thread', 'm.reference'),
    redacts: fc.option(fc.integer({ min: 1, max: HISTORY }), { nil: undefined }),
  }),
  { selector: ({ place }) => place, maxLength: HISTORY },
)

type Write = (typeof writes extends fc.Arbitrary<infer Value> ? Value : never)[number]

function relatingWrite({ place, sender, root, relType, redacts }: Write): RelatingWrite {
  return {
    roomNid: ROOM,
    row: {
      eventNid: place as EventNid,
      typeNid: 1 as TypeNid,
      senderNid: sender as UserNid,
      historyPos: place,
      redactedBy: undefined,
      event: { originServerTs: place },
    },
    relation: root === undefined ? undefined : { parentEventId: root, relType, keyHash: undefined },
    redactions: redacts === undefined ? [] : [{ target: redacts as EventNid, by: place as EventNid }],
  }
}

async function commit(batch: readonly Write[]): Promise<void> {
  for (const { text, values } of relationStatements(batch.map(relatingWrite))) {
    await database.pool.query(text, [...values])
  }
}

it('threads count what is related, however it came and went', async () => {
  await fc.assert(
    fc.asyncProperty(writes, fc.integer({ min: 1, max: 5 }), async (all, batchSize) => {
      await database.pool.query('TRUNCATE event_relation, thread_sender')
      const left = new Map<number, Write>()
      for (let start = 0; start < all.length; start += batchSize) {
        const batch = all.slice(start, start + batchSize)
        await commit(batch)
        // Sent again after a commit in doubt, nothing changes.
        await commit(batch)
        for (const write of batch) if (write.root !== undefined) left.set(write.place, write)
        for (const { redacts } of batch) if (redacts !== undefined) left.delete(redacts)
      }
      const related = await database.pool.query<{ place: number }>(
        'SELECT history_pos AS place FROM event_relation ORDER BY history_pos',
      )
      expect(related.rows.map(({ place }) => place)).toEqual([...left.keys()].toSorted((a, b) => a - b))
      const counted = await database.pool.query(
        'SELECT * FROM thread_sender ORDER BY root_event_id, sender_nid',
      )
      expect(counted.rows).toEqual(expectedShares([...left.values()]))
    }),
    { numRuns: 60 },
  )
})

function expectedShares(left: readonly Write[]): object[] {
  const threads = left.filter(({ relType }) => relType === 'm.thread')
  const byShare = Map.groupBy(threads, ({ root, sender }) => `${root}/${sender}`)
  return [...byShare.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, events]) => {
      const latest = Math.max(...events.map(({ place }) => place))
      return {
        room_nid: ROOM,
        root_event_id: events[0]!.root,
        sender_nid: events[0]!.sender,
        events: events.length,
        latest_pos: latest,
        latest_nid: latest,
      }
    })
}
