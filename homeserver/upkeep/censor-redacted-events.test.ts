import { createPublicKey } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import { toSignedPdu } from '../../protocol/events/verify.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { EventStore } from '../../storage/events/event-store.ts'
import type { EventDraft } from '../rooms/event-draft.ts'
import { createOn, message, openReplica, sendOn, topic, type Replica } from '../rooms/replication.fixture.ts'
import { censorRedactedEvents } from './censor-redacted-events.ts'

const ALICE = '@alice:here.test'
const LATER = Date.now() + 3_600_000
const NEVER = new AbortController().signal
const VERSION = roomVersion('12')!

let replica: Replica
let roomId: string
let errors: unknown[]
let onError: () => void
beforeEach(async () => {
  replica = await openReplica('here.test')
  roomId = await createOn(replica, '12', ALICE)
  errors = []
  onError = () => undefined
})
afterEach(() => replica.rooms.close())

function redaction(redacts: string): EventDraft {
  return { type: 'm.room.redaction', sender: ALICE, content: {}, redacts }
}

function report(error: unknown): void {
  errors.push(error)
  onError()
}

function censor(redactedBefore: number, signal = NEVER): Promise<number> {
  const { queries, events } = replica.rooms.services
  return censorRedactedEvents({ queries, events, onError: report }, redactedBefore, signal)
}

async function storedText(eventId: string): Promise<string> {
  const { pdu } = await replica.rooms.services.queries
    .selectFrom('event')
    .select('pdu')
    .where('event_id', '=', eventId)
    .executeTakeFirstOrThrow()
  return pdu.toString()
}

it('deletes what was taken back, once its time is over, and nothing else', async () => {
  const [taken, kept] = await sendOn(replica, roomId, message(ALICE, 'a secret'), message(ALICE, 'no secret'))
  const [named] = await sendOn(replica, roomId, topic(ALICE, 'a secret topic'))
  const whole = await storedText(kept!)
  await sendOn(replica, roomId, redaction(taken!), redaction(named!))

  expect(await censor(Date.now() - 3_600_000)).toBe(0)
  expect(await storedText(taken!)).toContain('a secret')

  expect(await censor(LATER)).toBe(2)
  expect(await storedText(taken!)).not.toContain('secret')
  expect(await storedText(named!)).not.toContain('secret')
  expect(await storedText(kept!)).toBe(whole)
  expect(await censor(LATER)).toBe(0)
  expect(errors).toEqual([])
})

it('leaves every event provable, readable, and at its place', async () => {
  const { queries, events, signer } = replica.rooms.services
  const [taken] = await sendOn(replica, roomId, message(ALICE, 'a secret'))
  await sendOn(replica, roomId, redaction(taken!))
  const before = (await events.byId(taken!))!
  await censor(LATER)

  const pdu = parseJson(await storedText(taken!)) as JsonObject
  const proven = toSignedPdu(parsePdu(pdu, VERSION), () => createPublicKey(signer.privateKey))
  expect(proven).toMatchObject({ eventId: taken, content: {} })

  const read = (await new EventStore(queries, 1_000_000).byId(taken!))!
  const cached = (await events.byId(taken!))!
  expect(cached).toMatchObject(read)
  expect(cached.event.content).toEqual({})
  const { event: _whole, size: _wholeSize, ...place } = before
  expect(cached).toMatchObject(place)

  await sendOn(replica, roomId, message(ALICE, 'the room goes on'))
})

it('goes through any number of events, and goes on after an interruption', async () => {
  const drafts = Array.from({ length: 250 }, (_, n) => message(ALICE, `a secret ${n}`))
  const { eventIds } = await replica.writer.submit(roomId, { kind: 'send', drafts })
  await replica.writer.submit(roomId, { kind: 'send', drafts: eventIds.map(redaction) })
  // The first one cannot be read, and holds up none of the others.
  const { queries } = replica.rooms.services
  await queries
    .updateTable('event')
    .set({ pdu: Buffer.from('[]') })
    .where('event_id', '=', eventIds[0]!)
    .execute()

  const interruption = new AbortController()
  onError = () => interruption.abort(new Error('the server stops'))
  await expect(censor(LATER, interruption.signal)).rejects.toThrow('the server stops')
  onError = () => undefined
  expect(errors).toHaveLength(1)
  expect(await censor(LATER)).toBe(150)
  const rows = await queries
    .selectFrom('event')
    .select(['event_id', 'pdu'])
    .where('redacted_by', 'is not', null)
    .execute()
  expect(rows).toHaveLength(250)
  expect(rows.filter(({ pdu }) => pdu.includes('secret'))).toEqual([])
})

it('passes over an event that somebody is writing', async () => {
  const [taken] = await sendOn(replica, roomId, message(ALICE, 'a secret'))
  await sendOn(replica, roomId, redaction(taken!))
  const { queries } = replica.rooms.services
  await queries.transaction().execute(async (other) => {
    await other.selectFrom('event').select('event_nid').where('event_id', '=', taken!).forUpdate().execute()
    expect(await censor(LATER)).toBe(0)
  })
  expect(await censor(LATER)).toBe(1)
})
