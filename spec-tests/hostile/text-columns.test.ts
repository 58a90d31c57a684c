import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import { ACCOUNT_ATTEMPTS } from './support/account-attempts.ts'
import type { AttemptScene } from './support/column-attempt.ts'
import { OVERLONG } from './support/hostile-values.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { OWN_COLUMNS } from './support/own-columns.ts'
import { E2EE_ATTEMPTS } from './support/e2ee-attempts.ts'
import { MEDIA_ATTEMPTS } from './support/media-attempts.ts'
import { PUSHER_ATTEMPTS } from './support/pusher-attempts.ts'
import { ROOM_ATTEMPTS } from './support/room-attempts.ts'
import { SERVER_ATTEMPTS } from './support/server-attempts.ts'

const ATTEMPTS = [
  ...ROOM_ATTEMPTS,
  ...ACCOUNT_ATTEMPTS,
  ...E2EE_ATTEMPTS,
  ...MEDIA_ATTEMPTS,
  ...PUSHER_ATTEMPTS,
  ...SERVER_ATTEMPTS,
]

const TEXTS: Readonly<Record<string, string>> = {
  'U+0000': 'a\0b',
  'U+0000 alone': '\0',
  'half a surrogate pair': 'a\ud800b',
  '256 bytes': 'x'.repeat(256),
  '256 bytes in 128 characters': OVERLONG,
  '3,000 bytes': 'x'.repeat(3_000),
}

/** A name that got its number before the request was refused is in nobody's way; everything else would be. */
const NUMBERED = ['server', 'matrix_user', 'room', 'event_type', 'state_key']
/** What a request leaves that asks for further authentication, or that fails it. */
const STEPS = ['uia_session']

let world: HostileWorld
let scene: AttemptScene

beforeAll(async () => {
  world = await hostileWorld()
  const alice = await world.register('alice')
  const rooms = await Promise.all(
    ['1', '11'].map(async (room_version) => {
      const power_level_content_override = { users: { [alice.userId]: 100, [`@bob:${THERE}`]: 100 } }
      const roomId = await alice.createRoom({
        preset: 'public_chat',
        room_version,
        power_level_content_override,
      })
      return joinAsPeer(world.peer, roomId, 'bob')
    }),
  )
  scene = { world, alice, oldRoom: rooms[0]!, newRoom: rooms[1]! }
})
afterAll(() => world.close())

async function textColumns(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely%'
       AND (data_type IN ('text', 'bytea', 'character varying', 'character', 'json', 'jsonb')
            OR udt_name IN ('_text', '_bytea', '_varchar'))`.execute(world.database.queries)
  return rows.map(({ name }) => name).toSorted()
}

async function rowCounts(columns: readonly string[]): Promise<Map<string, number>> {
  const tables = new Set(columns.map((column) => column.split('.')[0]!))
  const counts = new Map<string, number>()
  for (const table of tables) {
    if (NUMBERED.includes(table) || STEPS.includes(table)) continue
    const query = sql<{ n: string }>`SELECT count(*) AS n FROM ${sql.table(table)}`
    counts.set(table, Number((await query.execute(world.database.queries)).rows[0]!.n))
  }
  return counts
}

test('every column of text is known: somebody tries to spoil it here, or nobody can', async () => {
  const known = new Set([...ATTEMPTS.flatMap(({ columns }) => columns), ...Object.keys(OWN_COLUMNS)])
  expect([...known].toSorted()).toEqual(await textColumns())
})

describe.each(ATTEMPTS)('$name ($columns)', ({ run, columns }) => {
  test.each(Object.entries(TEXTS))('%s', async (_, text) => {
    const before = await rowCounts(columns)
    const outcome = await run(scene, text)
    if (outcome.stored) expect(outcome.readBack ?? text).toEqual(outcome.expected ?? text)
    else {
      expect(outcome.status).toBeGreaterThanOrEqual(400)
      expect(outcome.status).toBeLessThan(500)
      expect(await rowCounts(columns)).toEqual(before)
    }
    expect(world.takeFailures()).toEqual([])
  })
})

test('and after all of it the rooms go on', async () => {
  for (const room of [scene.oldRoom, scene.newRoom]) {
    const event = room.build({})
    expect((await world.peer.send({ pdus: [event.pdu] }))[event.eventId]).toEqual({})
    const eventId = await scene.alice.say(room.roomId, 'still here')
    const sync = JSON.stringify(await scene.alice.sync())
    expect(sync).toContain(eventId)
    expect(sync).toContain(event.eventId)
  }
})
