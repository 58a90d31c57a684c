import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JsonObject } from '../../protocol/json/value.ts'
import {
  putPushRule,
  setPushRuleActions,
  setPushRuleEnabled,
} from '../../protocol/push-rules/change-push-rules.ts'
import { UNCHANGED_PUSH_RULES } from '../../protocol/push-rules/stored-push-rules.ts'
import { openTestRooms, type TestRooms } from '../rooms/room-services.fixture.ts'
import { CountedRoom, type CountedUser, type PlainCounts } from './counted-room.fixture.ts'
import { unreadCounts } from './unread-counts.ts'
import { UnreadTally, type UnreadRoom } from './unread-tally.ts'

let rooms: TestRooms
beforeAll(async () => {
  rooms = await openTestRooms()
})
afterAll(() => rooms.close())

const RUNS = 6
const id = (name: string): string => `@${name}:here.test`
const none = UNCHANGED_PUSH_RULES
const HIGHLIGHT = { set_tweak: 'highlight' }

/** The ways in which people set their rules, by clients of today. */
function usersOf(run: number): readonly CountedUser[] {
  const user = (name: string): string => id(`${name}-${run}`)
  const aboutRoom = (pattern: string) => [{ kind: 'event_match', key: 'room_id', pattern }]
  return [
    { userId: user('creator') },
    { userId: user('default') },
    { userId: user('other-default') },
    {
      userId: user('muted'),
      rules: (room) => putPushRule(none, 'override', room, { actions: [], conditions: aboutRoom(room) }),
    },
    {
      userId: user('mentions-only'),
      rules: (room) => putPushRule(none, 'room', room, { actions: ['dont_notify'] }),
    },
    {
      userId: user('keyword'),
      rules: () =>
        putPushRule(none, 'content', 'lunch', { actions: ['notify', HIGHLIGHT], pattern: 'lunch' }),
    },
    {
      userId: user('quiet'),
      rules: () =>
        setPushRuleActions(
          setPushRuleEnabled(none, 'override', '.m.rule.is_room_mention', false),
          'underride',
          '.m.rule.message',
          [],
        ),
    },
    {
      userId: user('named'),
      rules: () =>
        putPushRule(none, 'override', 'name', {
          actions: ['notify', HIGHLIGHT],
          conditions: [{ kind: 'contains_display_name' }],
        }),
    },
    {
      userId: user('sender-rule'),
      rules: () => putPushRule(none, 'sender', user('default'), { actions: [] }),
    },
    { userId: user('ignoring'), ignores: [user('default')] },
    { userId: user('off'), rules: () => setPushRuleEnabled(none, 'override', '.m.rule.master', true) },
  ]
}

const KINDS = ['text', 'notice', 'encrypted', 'custom', 'edit', 'reaction'] as const

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      sender: fc.nat(3),
      what: fc.constantFrom(...KINDS),
      thread: fc.constantFrom('main', 'first', 'second'),
      mentioned: fc.subarray([1, 3, 4, 6]),
      room: fc.boolean(),
      body: fc.constantFrom('hello', 'lunch?', 'named-0: hi'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redact' as const), index: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      reader: fc.nat(10),
      thread: fc.constantFrom('', 'main', 'first', 'second'),
      index: fc.nat(20),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
)

const TYPES: Readonly<Record<(typeof KINDS)[number], string>> = {
  text: 'm.room.message',
  notice: 'm.room.message',
  edit: 'm.room.message',
  encrypted: 'm.room.encrypted',
  custom: 'org.example.custom',
  reaction: 'm.reaction',
}

it('what is read set-based and what is counted on in memory is what counting every event gives', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      const users = usersOf(run++)
      const room = new CountedRoom(rooms, users)
      await room.open()
      const roots: Record<string, string> = {
        first: await room.say(users[0]!.userId, 'm.room.message', { body: 'first' }),
        second: await room.say(users[1]!.userId, 'm.room.message', { body: 'second' }),
      }
      for (const taken of steps) {
        if (taken.kind === 'say') await say(room, users, roots, taken)
        else if (taken.kind === 'redact') await room.redact(taken.index)
        else if (taken.kind === 'read') {
          const thread = roots[taken.thread] ?? taken.thread
          await room.read(users[taken.reader]!.userId, thread, taken.index)
        } else await compare(room, users)
      }
      await compare(room, users)
    }),
    { numRuns: RUNS },
  )
}, 120_000)

async function say(
  room: CountedRoom,
  users: readonly CountedUser[],
  roots: Readonly<Record<string, string>>,
  {
    sender,
    what,
    thread,
    mentioned,
    room: toRoom,
    body,
  }: {
    readonly sender: number
    readonly what: (typeof KINDS)[number]
    readonly thread: string
    readonly mentioned: readonly number[]
    readonly room: boolean
    readonly body: string
  },
): Promise<void> {
  const root = roots[thread]
  const relType = { edit: 'm.replace', reaction: 'm.annotation' }[what as string] ?? 'm.thread'
  const isRelated = root !== undefined || relType !== 'm.thread'
  const content: JsonObject = {
    msgtype: what === 'notice' ? 'm.notice' : 'm.text',
    body,
    ...(mentioned.length > 0 || toRoom
      ? { 'm.mentions': { user_ids: mentioned.map((index) => users[index]!.userId), room: toRoom } }
      : {}),
    ...(isRelated ? { 'm.relates_to': { rel_type: relType, event_id: root ?? roots['first']! } } : {}),
  }
  const isInThread = relType === 'm.thread' && root !== undefined
  await room.say(users[sender]!.userId, TYPES[what], content, isInThread ? root : 'main')
}

async function compare(room: CountedRoom, users: readonly CountedUser[]): Promise<void> {
  const asked = new Map([[room.roomNid, room.roomId]])
  for (const { userId } of users) {
    const expected = room.plainCounts(userId)
    const fresh = await unreadCounts(rooms.services, new UnreadTally(room.nid(userId)), asked)
    expect([userId, plain(fresh.get(room.roomNid)!)]).toEqual([userId, expected])
    const { unread } = await room.views.of(room.nid(userId))
    const kept = await unreadCounts(rooms.services, unread, asked)
    expect([userId, plain(kept.get(room.roomNid)!)]).toEqual([userId, expected])
  }
}

function plain(room: UnreadRoom): PlainCounts {
  return Object.fromEntries(room)
}

it('what a user does with a room shows at once: muted, it is silent; heard again, it counts', async () => {
  const users = usersOf(RUNS + 1)
  const room = new CountedRoom(rooms, users)
  await room.open()
  await room.say(users[0]!.userId, 'm.room.message', { body: 'one' })
  const asked = new Map([[room.roomNid, room.roomId]])
  const muted = users[3]!
  const { unread } = await room.views.of(room.nid(muted.userId))
  expect(plain((await unreadCounts(rooms.services, unread, asked)).get(room.roomNid)!)).toEqual({})
  await room.setRules(muted.userId, UNCHANGED_PUSH_RULES)
  expect(plain((await unreadCounts(rooms.services, unread, asked)).get(room.roomNid)!)).toEqual({
    main: { notifications: 1, highlights: 0 },
  })
})
