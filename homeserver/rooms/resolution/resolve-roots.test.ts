import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import type { StateMap } from '../../../protocol/state/state-map.ts'
import { resolveState } from '../../../protocol/state-resolution/resolve-state.ts'
import { EventStore } from '../../../storage/events/event-store.ts'
import type { NodeStore } from '../../../storage/state-trie/node-store.ts'
import { rootFromBytes, rootToBytes, type StateRoot } from '../../../storage/state-trie/state-root.ts'
import { StateTrie } from '../../../storage/state-trie/state-trie.ts'
import { loadTrieSecret } from '../../../storage/state-trie/trie-secret.ts'
import { collectRoomState } from '../collect-state.ts'
import { MAX_EXTREMITIES, MAX_PREV_EVENTS } from '../extremities.ts'
import type { OpenRoom } from '../open-room.ts'
import { resolveRoots } from '../resolve-roots.ts'
import { openTestRooms, type TestRooms } from '../room-services.fixture.ts'
import type { RoomServices } from '../room-services.ts'
import { LocalRoomWriter } from '../room-writer.ts'
import { pruneResolutions } from '../../upkeep/prune-resolutions.ts'
import { AuthCovers } from './auth-covers.ts'
import { STEPS_PER_SLICE } from './in-slices.ts'
import {
  CREATOR,
  HERE,
  joinOf,
  memberAt,
  RemoteRoom,
  withEvent,
  type EventState,
  type RemoteEvent,
} from './remote-room.fixture.ts'

const MEMBERS = 1_000
const MONTHS_MS = 62 * 24 * 3_600_000

let rooms: TestRooms
let writer: LocalRoomWriter

beforeAll(async () => {
  rooms = await openTestRooms('here.test')
  writer = new LocalRoomWriter(rooms.services)
})
afterAll(async () => {
  await rooms.close()
})

/** What each of many branches does: some name the room, some bring somebody, some change the rules. */
function branchEvent(index: number): RemoteEvent {
  switch (index % 5) {
    case 0:
      return { type: 'm.room.topic', stateKey: '', sender: memberAt(index), content: { topic: `${index}` } }
    case 1:
      return joinOf(`@newcomer${index}:far.test`)
    case 2:
      return joinOf(memberAt(index), 'renamed')
    case 3:
      return {
        ...{ type: 'm.room.member', stateKey: memberAt(index + 500), sender: CREATOR },
        content: { membership: 'ban' },
      }
    default:
      return { type: 'm.room.name', stateKey: '', sender: CREATOR, content: { name: `${index}` } }
  }
}

/** A room here that another server has forked into as many branches as are kept. */
async function forkedRoom(version: '11' | '12') {
  const remote = new RemoteRoom(version, MEMBERS)
  await remote.adopt(writer)
  const branches: { readonly event: SignedPdu; readonly state: EventState }[] = []
  for (let index = 0; index < MAX_EXTREMITIES; index++) {
    const event = remote.make(branchEvent(index), [remote.arrival.eventId], remote.state)
    branches.push({ event, state: withEvent(remote.state, event) })
  }
  await writer.submit(remote.roomId, { kind: 'receive', events: branches.map(({ event }) => ({ event })) })
  return { remote, branches }
}

function fromScratch(remote: RemoteRoom, states: readonly EventState[]): StateMap {
  const stateSets = states.map((state) => new Map([...state].map(([tuple, { eventId }]) => [tuple, eventId])))
  return resolveState({ version: remote.version, stateSets, event: (eventId) => remote.events.get(eventId) })
}

async function stateIds(room: OpenRoom, { trie }: RoomServices): Promise<string[]> {
  const entries = await trie.entries(room.head.roomNid, room.head.root)
  const events = await room.eventsByNid(entries.map(({ eventNid }) => eventNid))
  return [...events.values()].map(({ event }) => event.eventId).toSorted()
}

/** The same database as a process sees it that has just begun, with what it reads noted. */
async function freshProcess() {
  const { queries } = rooms.services
  const nodes: string[] = []
  const store: NodeStore = {
    async readNodes(roomNid, hashes) {
      nodes.push(...hashes)
      const query = queries.selectFrom('state_node').select(['hash', 'body']).where('room_nid', '=', roomNid)
      const rows = await query.where('hash', 'in', hashes.map(rootToBytes)).execute()
      return new Map(rows.map(({ hash, body }) => [rootFromBytes(hash), body]))
    },
  }
  const events = new EventStore(queries, 8 * 1024 * 1024)
  const trie = new StateTrie({ store, secret: await loadTrieSecret(queries) })
  const authCovers = new AuthCovers(8 * 1024 * 1024)
  const services: RoomServices = { ...rooms.services, events, trie, authCovers }
  return {
    services,
    nodes,
    eventsRead: (remote: RemoteRoom) => [...remote.events.keys()].filter((id) => events.peekById(id)).length,
  }
}

function storedResults(room: OpenRoom) {
  const query = rooms.services.queries.selectFrom('state_resolution').selectAll()
  return query.where('room_nid', '=', room.head.roomNid).execute()
}

describe.each(['11', '12'] as const)('50 branches of a room of version %s', (version) => {
  let forked: Awaited<ReturnType<typeof forkedRoom>>
  let room: OpenRoom

  beforeAll(async () => {
    forked = await forkedRoom(version)
    room = (await writer.open(forked.remote.roomId))!
  })

  it('are all kept, and come to what they come to from scratch', async () => {
    const { remote, branches } = forked
    expect(room.head.extremities).toHaveLength(50)
    const expected = fromScratch(
      remote,
      branches.map(({ state }) => state),
    )
    expect(await stateIds(room, rooms.services)).toEqual([...expected.values()].toSorted())
  })

  it('are resolved without reading what they have in common', async () => {
    const process = await freshProcess()
    const roots = room.head.extremities.map(({ stateAfter }) => stateAfter)
    const whole = (await trieNodes(room)).size
    await rooms.services.queries.deleteFrom('state_resolution').execute()
    const again = (await new LocalRoomWriter(process.services).open(forked.remote.roomId))!
    expect(again.head.root).toBe(room.head.root)
    // In each branch one path of three nodes, beside the path of the others at each of these places.
    expect(process.nodes.length).toBeLessThan(50 * 3 + 50 * 2)
    expect(new Set(process.nodes).size).toBe(process.nodes.length)
    expect(whole).toBeGreaterThan(60)
    // The branches' events, what they replace, and the few that authorise them.
    expect(process.eventsRead(forked.remote)).toBeLessThan(200)
    expect(roots).toHaveLength(50)
  })

  it('have their result stored, which the next process finds, whatever the order', async () => {
    const { remote } = forked
    // The next event stores nothing anew: what it needs was stored with the event that made it necessary.
    await writer.submit(remote.roomId, {
      kind: 'receive',
      events: [{ event: remote.make(branchEvent(51), [remote.arrival.eventId], remote.state) }],
    })
    room = (await writer.open(remote.roomId))!
    const process = await freshProcess()
    const again = (await new LocalRoomWriter(process.services).open(remote.roomId))!
    expect(again.head.root).toBe(room.head.root)
    expect(process.eventsRead(remote)).toBe(0)
    const roots = room.head.extremities.map(({ stateAfter }) => stateAfter)
    const { root } = await resolveRoots(process.services, again, [...roots.toReversed(), ...roots])
    expect(root).toBe(room.head.root)
    const others = await resolveRoots(process.services, again, roots.slice(1))
    expect(others.resolution).toBeDefined()
  })

  it('keep the nodes of stored results, until nobody has asked for these in a long time', async () => {
    const { remote } = forked
    const { queries } = rooms.services
    const later = new LocalRoomWriter(rooms.services)
    for (let ends = endsOf(room); ends.length > 1; ends = endsOf((await later.open(remote.roomId))!)) {
      const merging = remote.make(branchEvent(1), ends.slice(0, MAX_PREV_EVENTS), remote.state)
      await later.submit(remote.roomId, { kind: 'receive', events: [{ event: merging }] })
    }
    const rows = await storedResults(room)
    expect(rows.length).toBeGreaterThan(0)
    await collectRoomState(rooms.services, later, remote.roomId)
    for (const { root } of rows) await rooms.services.trie.entries(room.head.roomNid, rootFromBytes(root))
    const signal = new AbortController().signal
    expect(await pruneResolutions(queries, Date.now(), signal)).toBe(0)
    expect(await pruneResolutions(queries, Date.now() + MONTHS_MS, signal)).toBeGreaterThanOrEqual(
      rows.length,
    )
    expect(await storedResults(room)).toEqual([])
    const collected = await collectRoomState(
      rooms.services,
      new LocalRoomWriter(rooms.services),
      remote.roomId,
    )
    expect(collected?.removed).toBeGreaterThan(0)
  })
})

describe('states that differ in thousands of events', () => {
  it('are resolved while other rooms go on', async () => {
    const remote = new RemoteRoom('11', MEMBERS)
    await remote.adopt(writer)
    const { services } = rooms
    const roots = []
    for (const name of ['a', 'b']) {
      let told: EventState = remote.state
      for (let index = 0; index < MEMBERS; index++) {
        const event = remote.make(joinOf(memberAt(index), name), [remote.arrival.eventId], remote.state)
        told = withEvent(told, event)
      }
      const learnt = { kind: 'learn-state', state: [...told.values()], authChain: [] } as const
      roots.push((await writer.submit(remote.roomId, learnt)).stateRoot!)
    }
    const other = new RemoteRoom('11', 1)
    await other.adopt(writer)
    const room = (await writer.open(remote.roomId))!

    let turns = 0
    let sent = 0
    let isDone = false
    const count = (): void => void (isDone || (turns++, setImmediate(count)))
    const resolving = resolveRoots(services, room, roots).finally(() => (isDone = true))
    count()
    const sending = (async () => {
      while (!isDone) {
        const draft = { type: 'm.room.message', sender: HERE, content: { body: `${sent}` } }
        await writer.submit(other.roomId, { kind: 'send', drafts: [draft] })
        if (!isDone) sent += 1
      }
    })()
    const { root } = await resolving
    await sending
    expect(turns).toBeGreaterThanOrEqual((2 * MEMBERS) / STEPS_PER_SLICE)
    expect(sent).toBeGreaterThan(0)
    // By the younger timestamp: all of them are on one mainline.
    expect(root).toBe(roots[1])
  })
})

describe('what a fork leaves in question', () => {
  it('is answered by the auth chain of the state, which is read once and then followed', async () => {
    const remote = new RemoteRoom('11', MEMBERS)
    await remote.adopt(writer)
    /** Two names of one member on one branch, of which the first is nobody's any more; nothing on the other. */
    const fork = async (userId: string): Promise<StateRoot[]> => {
      const once = remote.make(joinOf(userId, 'once'), [remote.arrival.eventId], remote.state)
      const named = withEvent(remote.state, once)
      const twice = remote.make(joinOf(userId, 'twice'), [once.eventId], named)
      await writer.submit(remote.roomId, { kind: 'receive', events: [{ event: once }, { event: twice }] })
      const stored = await rooms.services.events.byIds([remote.arrival.eventId, twice.eventId])
      return [...stored.values()].map(({ stateAfter }) => stateAfter!)
    }
    const forks = [await fork(memberAt(1)), await fork(memberAt(2)), await fork(memberAt(3))]
    const process = await freshProcess()
    const room = (await new LocalRoomWriter(process.services).open(remote.roomId))!
    const read: number[] = []
    for (const roots of forks) {
      process.nodes.length = 0
      const { root } = await resolveRoots(process.services, room, roots)
      expect(root).toBe(roots[1])
      read.push(process.nodes.length)
    }
    expect(read[0]! + read[1]! + read[2]!).toBeLessThan((await trieNodes(room)).size + 20)
    expect(Math.max(read[1]!, read[2]!)).toBeLessThan(10)
  })
})

function endsOf({ head }: OpenRoom): string[] {
  return head.extremities.map(({ eventId }) => eventId)
}

/** All nodes of the current state. */
async function trieNodes(room: OpenRoom): Promise<Set<string>> {
  const process = await freshProcess()
  await process.services.trie.entries(room.head.roomNid, room.head.root)
  return new Set(process.nodes)
}
