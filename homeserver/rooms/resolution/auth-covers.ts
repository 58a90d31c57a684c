import { setImmediate as nextTurn } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { AuthCover } from '../../../protocol/state-resolution/auth-cover.ts'
import { authEdgesBelow } from '../../../storage/events/auth-chain-reader.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../../storage/numeric-ids.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import { MissingStateNode } from '../../../storage/state-trie/walk.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

/** An event of a cover with its edges, whose ids it shares with other events, in V8's heap. */
const COVERED_BYTES = 300
/** An event of the state itself, by number. */
const STATE_BYTES = 80
/** Events of a state that are counted before others have their turn. */
const EVENTS_AT_A_TIME = 1_000

type Edges = Map<string, readonly string[]>

/** The auth chain of one state of a room. */
interface RoomCover {
  readonly root: StateRoot
  /** The ids of the state's events. */
  readonly ids: Map<EventNid, string>
  readonly cover: AuthCover
}

/** A question about the auth chain of a state. */
export interface CoverQuestion {
  readonly root: StateRoot
  /** Events of the state that do not count. */
  readonly without: readonly string[]
  readonly candidates: ReadonlySet<string>
}

/**
 * The auth chains of whole states, as far as anybody has asked about them: one a room, which follows the room from state
 * to state by their difference, all together bounded by bytes. Asked in a room's turn, one question after the other.
 */
export class AuthCovers {
  readonly #rooms: LRUCache<RoomNid, RoomCover>

  constructor(maxBytes: number) {
    this.#rooms = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ cover, ids }) => 1 + cover.size * COVERED_BYTES + ids.size * STATE_BYTES,
    })
  }

  /** Which of the candidates are part of a state less some of its events, or in that part's auth chain. */
  async coveredWithout(
    services: RoomServices,
    room: OpenRoom,
    { root, without, candidates }: CoverQuestion,
  ): Promise<Set<string>> {
    const { roomNid } = room.head
    const known = this.#rooms.get(roomNid)
    // Whatever fails on the way leaves none that is half moved.
    this.#rooms.delete(roomNid)
    const moved = known && (await moveTo(services, room, known, root))
    const cover = moved ?? (await build(services, room, root))
    const answer = cover.cover.coveredWithout(without, candidates)
    // What is missing may come.
    if (cover.cover.isWhole) this.#rooms.set(roomNid, cover)
    return answer
  }
}

/** @returns undefined where the former state is not known any more: it was given up, or its nodes were collected. */
async function moveTo(
  { trie }: RoomServices,
  room: OpenRoom,
  { root: former, ids, cover }: RoomCover,
  root: StateRoot,
): Promise<RoomCover | undefined> {
  const changes = await trie.diff(room.head.roomNid, former, root).catch((error: unknown) => {
    if (error instanceof MissingStateNode) return undefined
    throw error
  })
  if (!changes) return undefined
  const nids = changes.map(({ b }) => b).filter((nid) => nid !== undefined)
  const added = await room.eventsByNid(nids)
  const removed = changes.map(({ a }) => a).filter((nid) => nid !== undefined)
  if (added.size < nids.length || removed.some((nid) => !ids.has(nid))) return undefined
  const edges = await uncoveredEdges(room, cover, [...added.values()])
  for (const [nid, { event }] of added) {
    cover.add(event.eventId, (id) => edges.get(id))
    ids.set(nid, event.eventId)
  }
  for (const nid of removed) {
    cover.remove(ids.get(nid)!)
    ids.delete(nid)
  }
  return { root, ids, cover }
}

/** The edges of some events and of what they lean on, as far as it is not covered. */
async function uncoveredEdges(
  room: OpenRoom,
  cover: AuthCover,
  events: readonly StoredEvent[],
): Promise<Edges> {
  const edges: Edges = new Map()
  for (let level = events; level.length > 0;) {
    for (const { event } of level) edges.set(event.eventId, event.authEvents)
    const cited = new Set(level.flatMap(({ event }) => event.authEvents))
    level = [...(await room.events([...cited].filter((id) => !cover.has(id) && !edges.has(id)))).values()]
  }
  return edges
}

async function build(services: RoomServices, room: OpenRoom, root: StateRoot): Promise<RoomCover> {
  const { roomNid } = room.head
  const entries = await services.trie.entries(roomNid, root)
  const nids = entries.map(({ eventNid }) => eventNid)
  const { ids, edges, distant } = pendingEdges(room, nids)
  const starts = { nids: nids.filter((nid) => !ids.has(nid)), ids: distant }
  for (const { eventNid, eventId, authEvents } of await authEdgesBelow(services.queries, roomNid, starts)) {
    ids.set(eventNid, eventId)
    edges.set(eventId, authEvents)
  }
  const cover = new AuthCover()
  const stateIds = new Map<EventNid, string>()
  for (const [index, nid] of nids.entries()) {
    if (index % EVENTS_AT_A_TIME === EVENTS_AT_A_TIME - 1) await nextTurn()
    const eventId = ids.get(nid)
    if (eventId === undefined) continue
    cover.add(eventId, (id) => edges.get(id))
    stateIds.set(nid, eventId)
  }
  return { root, ids: stateIds, cover }
}

/** What is still under way is not in the database: its edges, and the ids at which the rest begins. */
function pendingEdges(room: OpenRoom, nids: readonly EventNid[]) {
  const edges: Edges = new Map()
  const ids = new Map<EventNid, string>()
  const distant: string[] = []
  const waiting = nids.map((nid) => room.pendingEvent(nid)).filter((stored) => stored !== undefined)
  for (let stored = waiting.pop(); stored !== undefined; stored = waiting.pop()) {
    const { eventId, authEvents } = stored.event
    if (edges.has(eventId)) continue
    edges.set(eventId, authEvents)
    ids.set(stored.eventNid, eventId)
    for (const id of authEvents) {
      const cited = room.peek(id)
      const pending = cited && room.pendingEvent(cited.eventNid)
      if (pending) waiting.push(pending)
      else distant.push(id)
    }
  }
  return { ids, edges, distant: [...new Set(distant)] }
}
