import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { JsonValue } from '../../../protocol/json/value.ts'
import { eventually } from '../../../spec-tests/support/eventually.ts'
import { joinAsPeer, type PeerRoom } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'
import { retryStagedFrom } from './stage-events.ts'

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let alice: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(network, 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  alice = await here.user('alice')
})
afterAll(async () => {
  await peer.server.close()
  await here.close()
  await network.close()
})

/** Waits until an event has its place in the room. */
async function received(eventId: string) {
  for (;;) {
    const stored = await here.actions.services.events.byId(eventId)
    if (stored && !stored.outlier) return stored
    await sleep(20)
  }
}

function serve(
  room: PeerRoom,
  events: readonly RoomEvent[],
  stateAt: ReadonlyMap<string, readonly RoomEvent[]>,
) {
  const byId = new Map([...events, ...room.state.values()].map((event) => [event.eventId, event]))
  peer.asked.length = 0
  peer.answers.event = (request) => ({
    origin: 'there.test',
    origin_server_ts: 1,
    pdus: [byId.get(request.param('eventId'))!.pdu],
  })
  peer.answers.stateIds = (request) => {
    const state = stateAt.get(request.query('event_id')!) ?? []
    const chain = new Set(state.flatMap((event) => event.authEvents))
    return { pdu_ids: state.map(({ eventId }) => eventId), auth_chain_ids: [...chain] }
  }
}

describe.each(['2', '10', '11', '12'])(
  'events of a room of version %s whose causes are missing',
  (version) => {
    it('are placed after the events between, which are asked for', async () => {
      const roomId = await here.createRoom(alice, { version })
      const room = await joinAsPeer(peer, roomId, 'bob')
      const [first, second, third] = [room.next({}), room.next({}), room.next({})]
      serve(room, [], new Map())
      peer.answers.getMissingEvents = () => ({ events: [first.pdu, second.pdu] })
      expect(await peer.send({ pdus: [third.pdu] })).toEqual({ [third.eventId]: {} })
      expect((await received(third.eventId)).verdict).toBe('accepted')
      const places = await Promise.all([first, second, third].map(({ eventId }) => received(eventId)))
      const positions = places.map(({ historyPos }) => historyPos!)
      expect(positions).toEqual(positions.toSorted((a, b) => a - b))
      expect(peer.asked).toEqual(['getMissingEvents'])
    })

    it('are judged by the state that the server tells where the gap is not filled', async () => {
      const roomId = await here.createRoom(alice, { version })
      const room = await joinAsPeer(peer, roomId, 'bob')
      const before = [...room.state.values()]
      const carol = room.next({
        type: 'm.room.member',
        stateKey: '@carol:there.test',
        sender: '@carol:there.test',
        content: { membership: 'join' },
      })
      room.next({})
      const last = room.next({ sender: '@carol:there.test' })
      serve(room, [carol], new Map([[last.eventId, [...before, carol]]]))
      peer.answers.getMissingEvents = () => ({ events: [] })
      await peer.send({ pdus: [last.pdu] })
      const stored = await received(last.eventId)
      // Carol's join is known by the told state alone; the room as this server sees it has no carol.
      expect(stored.verdict).toBe('soft-failed')
      expect(await here.actions.services.events.byId(carol.eventId)).toMatchObject({
        outlier: true,
        verdict: 'accepted',
      })
    })
  },
)

describe('a gap', () => {
  it('whose server tells nothing is tried again, and the event waits through it', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const [first, second] = [room.next({}), room.next({})]
    serve(room, [], new Map())
    let refused = 0
    peer.answers.getMissingEvents = () => {
      if (refused++ === 0) throw new Error('down')
      return { events: [first.pdu] }
    }
    await peer.send({ pdus: [second.pdu] })
    expect((await received(second.eventId)).verdict).toBe('accepted')
    expect(refused).toBeGreaterThan(1)
  })

  it('is not bridged by a state without a create event, or by events of another room', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const other = await joinAsPeer(peer, await here.createRoom(alice), 'bob')
    const last = (room.next({}), room.next({}))
    const lies = [...room.state.values()].filter(({ type }) => type !== 'm.room.create')
    serve(room, [], new Map([[last.eventId, lies]]))
    const asked = new Promise<void>((resolve) => {
      const told = peer.answers.stateIds!
      peer.answers.stateIds = (request) => (resolve(), told(request))
    })
    peer.answers.getMissingEvents = () => ({ events: [other.build({}).pdu] })
    await peer.send({ pdus: [last.pdu] })
    await asked
    const { queries, interner, events } = here.actions.services
    const roomNid = (await interner.findRoomNid(roomId))!
    const waiting = await queries
      .selectFrom('inbound_pdu')
      .select('event_id')
      .where('room_nid', '=', roomNid)
      .execute()
    expect(waiting).toEqual([{ event_id: last.eventId }])
    expect(await events.byId(last.eventId)).toBeUndefined()
  })

  it('is asked for once for all that wait behind it, and by its newest event', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const [first, second, third] = [room.next({}), room.next({}), room.next({})]
    serve(room, [], new Map())
    const latest: JsonValue[] = []
    peer.answers.getMissingEvents = async (request) => {
      latest.push((await request.object())['latest_events']!)
      return { events: [first.pdu, second.pdu] }
    }
    await peer.send({ pdus: [second.pdu, third.pdu] })
    const places = await Promise.all([first, second, third].map(({ eventId }) => received(eventId)))
    expect(places.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(latest).toEqual([[third.eventId]])
  })

  it('is not bridged by a state before its events have been asked for twice', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const before = [...room.state.values()]
    const last = (room.next({}), room.next({}))
    serve(room, [], new Map([[last.eventId, before]]))
    peer.answers.getMissingEvents = () => ({ events: [] })
    await peer.send({ pdus: [last.pdu] })
    await received(last.eventId)
    expect(peer.asked.slice(0, 3)).toEqual(['getMissingEvents', 'getMissingEvents', 'stateIds'])
  })

  it('is not asked for again from a server that has told all it has', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const before = [...room.state.values()]
    const [, second, third] = [room.next({}), room.next({}), room.next({})]
    serve(room, [], new Map([[second.eventId, before]]))
    peer.answers.getMissingEvents = () => ({ events: [second.pdu] })
    await peer.send({ pdus: [third.pdu] })
    await received(third.eventId)
    expect(peer.asked).toEqual(['getMissingEvents', 'stateIds'])
  })

  it('that nobody can fill is not asked for with every event after it', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    serve(room, [], new Map())
    peer.answers.getMissingEvents = () => ({ events: [] })
    const stuck = room.build({ prevEvents: ['$' + 'b'.repeat(43)] })
    await peer.send({ pdus: [stuck.pdu] })
    const { queries } = here.actions.services
    const failed = await eventually('the failure as a row', () =>
      queries.selectFrom('failed_pull').selectAll().where('event_id', '=', stuck.eventId).executeTakeFirst(),
    )
    expect(failed).toMatchObject({ origin: 'there.test', attempts: 1 })
    await queries
      .updateTable('failed_pull')
      .set({ retry_ts: Date.now() + 3_600_000 })
      .execute()

    peer.asked.length = 0
    const [first, second] = [room.next({}), room.next({})]
    peer.answers.getMissingEvents = () => ({ events: [first.pdu] })
    await peer.send({ pdus: [second.pdu] })
    await received(second.eventId)
    expect(peer.asked).toEqual(['getMissingEvents'])

    // It is asked for when its server is back, and does not wait for the hour to pass.
    const scheduled: unknown[] = []
    const jobs = { schedule: async (request: unknown) => void scheduled.push(request) }
    await retryStagedFrom({ rooms: here.actions.services, jobs, log: SILENT }, 'elsewhere.test')
    expect(scheduled).toEqual([])
    await retryStagedFrom({ rooms: here.actions.services, jobs, log: SILENT }, 'there.test')
    expect(scheduled).toContainEqual(expect.objectContaining({ key: roomId }))
    await queries.deleteFrom('inbound_pdu').where('event_id', '=', stuck.eventId).execute()
  })

  it('does not hold up the events of others in the room', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    serve(room, [], new Map())
    peer.answers.getMissingEvents = () => ({ events: [] })
    const stuck = room.build({ prevEvents: ['$' + 'a'.repeat(43)] })
    const fine = room.build({})
    const results = await peer.send({ pdus: [stuck.pdu, fine.pdu] })
    expect(results).toEqual({ [stuck.eventId]: {}, [fine.eventId]: {} })
    expect(await here.actions.services.events.byId(fine.eventId)).toMatchObject({ verdict: 'accepted' })
    await here.send(roomId, { type: 'm.room.message', sender: alice.userId, content: { body: 'still here' } })
  })
})

describe('an event whose auth events are missing', () => {
  it('is judged once they have been asked for', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const place = room.newest.eventId
    // Bob changes his profile in an event that this server never gets by itself.
    const renamed = room.build({
      type: 'm.room.member',
      stateKey: room.userId,
      content: { membership: 'join', displayname: 'Bob' },
    })
    const [create, ...rest] = [...room.build({}).authEvents].map((id) =>
      id === place ? renamed.eventId : id,
    )
    const event = room.build({ authEvents: [create!, ...rest], prevEvents: [place] })
    serve(room, [renamed], new Map())
    const next = room.build({ prevEvents: [event.eventId] })
    await peer.send({ pdus: [event.pdu, next.pdu] })
    expect((await received(event.eventId)).verdict).toBe('accepted')
    expect((await received(next.eventId)).verdict).toBe('accepted')
    expect(new Set(peer.asked)).toEqual(new Set(['event']))
    expect(await here.actions.services.events.byId(renamed.eventId)).toMatchObject({ outlier: true })
  })
})
