import { LRUCache } from 'lru-cache'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { stateTuple, type StateTuple } from '../../protocol/state/state-map.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { EventWrite } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { AppliedChanges } from '../../storage/state-trie/state-trie.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { RoomHead } from './room-head.ts'
import type { RoomServices } from './room-services.ts'

/** State events of one root that are kept at hand; a busy room's senders and its few rules. */
const MAX_REMEMBERED_STATE = 2_000

/** Holes of a room's history that are kept in mind; an event that is sent again late is one from beside the newest. */
export const MAX_FOLLOWED = 10_000

/** Forks that are talked about at a time. */
const MAX_RESOLUTIONS = 100

/** A resolved state. One that was found stored comes without its nodes. */
export interface Resolution extends AppliedChanges {
  readonly isStored: boolean
}

/**
 * A room while this process writes it: its newest head, and the events of writes whose commit is under way,
 * which nobody but the next writes to this room may see.
 */
export class OpenRoom {
  head: RoomHead
  /** Resolved states by the roots that were resolved. All that a state's events lean on is here, so they stay true. */
  readonly resolutions = new LRUCache<string, Resolution>({ max: MAX_RESOLUTIONS })
  /** Redactions that wait for their target, by the target's id. */
  readonly pendingRedactions: Map<string, readonly EventNid[]>
  /** Ids of events without a place here that accepted events here follow; those that came last. */
  readonly followed: Set<string>
  readonly #services: RoomServices
  readonly #pending = new Map<EventNid, StoredEvent>()
  readonly #pendingById = new Map<string, StoredEvent>()
  #remembered: { root: StateRoot; events: Map<StateTuple, StoredEvent | undefined> }

  constructor(
    services: RoomServices,
    head: RoomHead,
    pendingRedactions: ReadonlyMap<string, readonly EventNid[]>,
    followed: readonly string[],
  ) {
    this.#services = services
    this.head = head
    this.pendingRedactions = new Map(pendingRedactions)
    this.followed = new Set(followed)
    this.#remembered = { root: head.root, events: new Map() }
  }

  /** Events by id, those under way with them. */
  async events(eventIds: readonly string[]): Promise<Map<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>()
    const others: string[] = []
    for (const eventId of eventIds) {
      const pending = this.#pendingById.get(eventId)
      if (pending) found.set(eventId, pending)
      else others.push(eventId)
    }
    for (const [eventId, stored] of await this.#services.events.byIds(others)) {
      if (stored.roomNid === this.head.roomNid) found.set(eventId, stored)
    }
    return found
  }

  /** Events by number, those under way with them. */
  async eventsByNid(eventNids: readonly EventNid[]): Promise<Map<EventNid, StoredEvent>> {
    const { roomNid } = this.head
    const places = eventNids
      .filter((nid) => !this.#pending.has(nid))
      .map((eventNid) => ({ roomNid, eventNid }))
    const found = await this.#services.events.byPlaces(places)
    for (const nid of eventNids) {
      const pending = this.#pending.get(nid)
      if (pending) found.set(nid, pending)
    }
    return found
  }

  /** The events at `places` of the state that `root` names. */
  async stateEvents(
    root: StateRoot,
    places: readonly { readonly type: string; readonly stateKey: string }[],
  ): Promise<Map<StateTuple, StoredEvent>> {
    const remembered = this.#rememberedAt(root)
    const found = new Map<StateTuple, StoredEvent>()
    const unknown = places.filter(({ type, stateKey }) => {
      const tuple = stateTuple(type, stateKey)
      const stored = remembered?.get(tuple)
      if (stored) found.set(tuple, stored)
      return !remembered?.has(tuple)
    })
    if (unknown.length === 0) return found
    for (const [tuple, stored] of await this.#readState(root, unknown)) {
      // The head may have moved on while this was read.
      this.#rememberedAt(root)?.set(tuple, stored)
      if (stored) found.set(tuple, stored)
    }
    return found
  }

  /** An event that is at hand without a query. */
  peek(eventId: string): StoredEvent | undefined {
    const stored = this.#pendingById.get(eventId) ?? this.#services.events.peekById(eventId)
    return stored?.roomNid === this.head.roomNid ? stored : undefined
  }

  /** An event whose commit is under way. */
  pendingEvent(eventNid: EventNid): StoredEvent | undefined {
    return this.#pending.get(eventNid)
  }

  /** Takes in an event whose commit is under way. */
  addPending(stored: StoredEvent): void {
    this.#pending.set(stored.eventNid, stored)
    this.#pendingById.set(stored.event.eventId, stored)
  }

  /** Lets go of an event after its commit, when readers find it in the store, or when it was given up. */
  forgetPending(stored: StoredEvent): void {
    // An outlier that was received in the meantime is another write's to let go of.
    if (this.#pending.get(stored.eventNid)?.event !== stored.event) return
    this.#pending.delete(stored.eventNid)
    this.#pendingById.delete(stored.event.eventId)
  }

  /** Marks what a write under way redacts in the copies that this room holds. */
  markRedacted(redactions: EventWrite['redactions']): void {
    if (redactions.length === 0) return
    const by = new Map(redactions.map((redaction) => [redaction.target, redaction.by]))
    const marked = (stored: StoredEvent): StoredEvent => ({ ...stored, redactedBy: by.get(stored.eventNid) })
    for (const stored of this.#pending.values()) if (by.has(stored.eventNid)) this.addPending(marked(stored))
    for (const [tuple, stored] of this.#remembered.events) {
      if (stored && by.has(stored.eventNid)) this.#remembered.events.set(tuple, marked(stored))
    }
  }

  /** Notes a redaction whose target is not here. */
  addPendingRedaction(target: string, redaction: EventNid): void {
    this.pendingRedactions.set(target, [...(this.pendingRedactions.get(target) ?? []), redaction])
  }

  /** Notes what an accepted event follows without its being here. */
  follow(eventIds: readonly string[]): void {
    for (const eventId of eventIds) this.followed.add(eventId)
    for (const eventId of this.followed) {
      if (this.followed.size <= MAX_FOLLOWED) break
      this.followed.delete(eventId)
    }
  }

  /** Results that were found stored and that resolutions in memory may come back to after their rows have gone. */
  *resolvedRoots(): Generator<StateRoot> {
    for (const { root, isStored } of this.resolutions.values()) if (isStored) yield root
  }

  /** Whether any write is under way. */
  get busy(): boolean {
    return this.#pending.size > 0
  }

  /** Moves to the next head; what is remembered of the state moves along with the changed places. */
  advance(head: RoomHead, changed: ReadonlyMap<StateTuple, StoredEvent | undefined> | undefined): void {
    if (head.root !== this.#remembered.root) {
      if (changed === undefined || this.#remembered.events.size > MAX_REMEMBERED_STATE) {
        this.#remembered = { root: head.root, events: new Map() }
      } else {
        this.#remembered.root = head.root
        for (const [tuple, stored] of changed) this.#remembered.events.set(tuple, stored)
      }
    }
    this.head = head
  }

  #rememberedAt(root: StateRoot): Map<StateTuple, StoredEvent | undefined> | undefined {
    return this.#remembered.root === root ? this.#remembered.events : undefined
  }

  async #readState(
    root: StateRoot,
    places: readonly { readonly type: string; readonly stateKey: string }[],
  ): Promise<[StateTuple, StoredEvent | undefined][]> {
    const { interner, trie } = this.#services
    const types = await interner.findTypeNids(places.map(({ type }) => type))
    const keys = await interner.findStateKeyNids(places.map(({ stateKey }) => stateKey))
    // Nothing stands at a place that has no number; one that cannot have any is somebody's nonsense.
    const numbered = places.flatMap(({ type, stateKey }) => {
      const [typeNid, stateKeyNid] = [types.get(type), keys.get(stateKey)]
      if (typeNid === undefined || stateKeyNid === undefined) return []
      return [{ tuple: stateTuple(type, stateKey), typeNid, stateKeyNid }]
    })
    const nids = await trie.getMany(this.head.roomNid, root, numbered)
    const nidAt = new Map(numbered.map(({ tuple }, index) => [tuple, nids[index]]))
    const events = await this.eventsByNid(nids.filter((nid) => nid !== undefined))
    return places.map(({ type, stateKey }) => {
      const tuple = stateTuple(type, stateKey)
      const nid = nidAt.get(tuple)
      return [tuple, nid === undefined ? undefined : events.get(nid)]
    })
  }
}

/** The plain events of stored ones, as the rules take them. */
export function plainEvents(stored: Iterable<StoredEvent>): RoomEvent[] {
  return Array.from(stored, ({ event }) => event)
}
