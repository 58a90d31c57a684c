import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseFilter } from '../filters/parse-filter.ts'
import { LocalEphemeralBus } from '../ephemeral/typing.ts'
import {
  createOn,
  joinThrough,
  message,
  openReplica,
  sendOn,
  type Replica,
} from '../rooms/replication.fixture.ts'
import { SentTransactions } from './sent-transactions.ts'
import { startSync, type Sync } from './sync.ts'
import { parseStreamToken } from './tokens.ts'

const ALICE = '@alice:here.test'
const BOB = '@bob:there.test'

let here: Replica
let there: Replica
let sync: Sync

beforeAll(async () => {
  ;[here, there] = await Promise.all([openReplica('here.test'), openReplica('there.test')])
  const { services } = here.rooms
  sync = await startSync(
    { ...services, now: Date.now },
    { ephemeral: new LocalEphemeralBus(), sent: new SentTransactions() },
  )
})
afterAll(() => Promise.all([here.rooms.close(), there.rooms.close()]))

interface Answer {
  readonly next_batch: string
  readonly rooms: {
    readonly join: Record<
      string,
      { timeline: { events: { content: { body?: string } }[]; limited: boolean } }
    >
  }
}

async function ask(since?: string): Promise<Answer> {
  const text = await sync.answer({
    viewer: { userId: ALICE, userNid: await here.rooms.services.interner.userNid(ALICE), deviceId: 'D' },
    since: since === undefined ? undefined : parseStreamToken(since, 'since'),
    filter: parseFilter({ room: { timeline: { types: ['m.room.message'] } } }),
    fullState: false,
    stateKey: 'state',
    timeoutMs: 0,
  })
  return JSON.parse(text) as Answer
}

it('timelines end at a gap, which limits them', async () => {
  const roomId = await createOn(here, '12', ALICE)
  await joinThrough(here, there, roomId, BOB)
  const timeline = async (since?: string) => {
    const { events, limited } = (await ask(since)).rooms.join[roomId]!.timeline
    return { bodies: events.map(({ content }) => content.body), limited }
  }
  const beginning = (await ask()).next_batch
  await sendOn(here, roomId, message(ALICE, 'before'))
  const caughtUp = (await ask()).next_batch
  await sendOn(there, roomId, message(BOB, 'one'), message(BOB, 'two'), message(BOB, 'three'))
  const [one, two, three] = there.sent
  await here.writer.submit(roomId, {
    kind: 'receive',
    events: [
      {
        event: three!,
        told: { before: (await here.writer.open(roomId))!.head.root },
        missing: three!.prevEvents,
      },
    ],
  })
  await sendOn(here, roomId, message(ALICE, 'after'))

  const news = { bodies: ['three', 'after'], limited: true }
  expect(await timeline()).toEqual(news)
  expect(await timeline(beginning)).toEqual(news)
  expect(await timeline(caughtUp)).toEqual(news)

  const later = (await ask()).next_batch
  await here.writer.submit(roomId, { kind: 'history', events: [{ event: one! }, { event: two! }] })
  await sendOn(here, roomId, message(ALICE, 'later'))
  expect(await timeline(later)).toEqual({ bodies: ['later'], limited: false })
  expect(await timeline(caughtUp)).toEqual({ bodies: ['three', 'after', 'later'], limited: true })
  expect(await timeline()).toEqual({
    bodies: ['before', 'one', 'two', 'three', 'after', 'later'],
    limited: false,
  })
})
