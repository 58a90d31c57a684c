import { checkAuth } from '../auth-rules/check-auth.ts'
import { authEventTuples } from '../auth-rules/select-auth-events.ts'
import type { RoomEvent } from '../events/room-event.ts'
import type { JsonObject } from '../json/value.ts'
import { roomVersion } from '../room-versions/room-versions.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { type StateMap, stateTuple, type StateTuple } from '../state/state-map.ts'
import { resolveState } from './resolve-state.ts'

export const CREATOR = '@creator:example.org'
export const ALICE = '@alice:example.org'
export const BOB = '@bob:example.org'
export const CAROL = '@carol:example.org'
export const EVE = '@eve:example.org'

/** What a test says about an event; the rest follows from the branch that it is sent on. */
export interface TestEvent {
  readonly id: string
  readonly type: string
  readonly key?: string
  readonly sender: string
  readonly content?: JsonObject
  /** Without it each event is one millisecond younger than the one before. */
  readonly ts?: number
}

/** A history of events made by hand, without hashes and signatures: resolution reads neither. */
export class TestRoom {
  readonly version: RoomVersionRules
  readonly events = new Map<string, RoomEvent>()
  readonly #roomId: string
  readonly #heights = new Map<string, number>()

  constructor(versionId: string) {
    const version = roomVersion(versionId)
    if (version === undefined) throw new Error(`No room version ${versionId}`)
    this.version = version
    this.#roomId = version.roomIdIsCreateHash ? '!create' : '!room:example.org'
  }

  /** A branch that begins with the create event and the creator's join. */
  begin(createContent: JsonObject = {}): Branch {
    const start = new Branch(this, new Map(), 1, [])
    const content = { creator: CREATOR, room_version: this.version.id, ...createContent }
    start.send({ id: '$create', type: 'm.room.create', sender: CREATOR, content })
    start.member('$creator', CREATOR, 'join')
    return start
  }

  /** Makes an event on a given state, whether or not the state allows it. */
  make(spec: TestEvent, state: StateMap, depth: number, prevEvents: readonly string[]): RoomEvent {
    const { id, type, key = '', sender, content = {} } = spec
    const subject = { type, sender, stateKey: key, content }
    const authEvents = authEventTuples(this.version, subject)
      .map((place) => state.get(stateTuple(place.type, place.stateKey)))
      .filter((eventId) => eventId !== undefined)
    const event: RoomEvent = {
      eventId: id,
      roomId: this.#roomId,
      ...subject,
      originServerTs: spec.ts ?? 1_000 + this.events.size,
      depth,
      prevEvents,
      authEvents,
      redacts: undefined,
      version: this.version,
      pdu: {},
    }
    if (this.events.has(id)) throw new Error(`There are two events ${id}`)
    this.events.set(id, event)
    this.#heights.set(id, Math.max(-1, ...authEvents.map((cited) => this.#heights.get(cited) ?? 0)) + 1)
    return event
  }

  allows(event: RoomEvent, state: StateMap): boolean {
    const get = (type: string, stateKey: string): RoomEvent | undefined =>
      this.events.get(state.get(stateTuple(type, stateKey)) ?? '')
    const create = this.events.get('$create')
    return checkAuth(event, { create: event.type === 'm.room.create' ? undefined : create, get }).allowed
  }

  authHeight(eventId: string): number | undefined {
    return this.#heights.get(eventId)
  }

  resolve(...states: StateMap[]): StateMap {
    return resolveState({
      version: this.version,
      stateSets: states,
      event: (eventId) => this.events.get(eventId),
    })
  }
}

/** One line of a room's history with its state. */
export class Branch {
  readonly room: TestRoom
  readonly #state: Map<StateTuple, string>
  #depth: number
  #heads: readonly string[]

  constructor(room: TestRoom, state: StateMap, depth: number, heads: readonly string[]) {
    this.room = room
    this.#state = new Map(state)
    this.#depth = depth
    this.#heads = heads
  }

  get state(): StateMap {
    return this.#state
  }

  fork(): Branch {
    return new Branch(this.room, this.#state, this.#depth, this.#heads)
  }

  /** Sends a state event if the branch allows it, and says whether it does. */
  trySend(spec: TestEvent): boolean {
    const event = this.room.make(spec, this.#state, this.#depth, this.#heads)
    if (!this.room.allows(event, this.#state)) return false
    this.#state.set(stateTuple(spec.type, spec.key ?? ''), spec.id)
    this.#depth += 1
    this.#heads = [spec.id]
    return true
  }

  /** Sends state events that the branch has to allow. */
  send(...specs: readonly TestEvent[]): this {
    for (const spec of specs) {
      if (!this.trySend(spec)) throw new Error(`The branch does not allow ${spec.id}`)
    }
    return this
  }

  member(id: string, user: string, membership: string, sender = user, ts?: number): this {
    const time = ts === undefined ? {} : { ts }
    return this.send({ id, type: 'm.room.member', key: user, sender, content: { membership }, ...time })
  }

  powers(id: string, sender: string, users: JsonObject, ts?: number): this {
    const time = ts === undefined ? {} : { ts }
    return this.send({ id, type: 'm.room.power_levels', sender, content: { users }, ...time })
  }

  joinRule(id: string, sender: string, rule: string): this {
    return this.send({ id, type: 'm.room.join_rules', sender, content: { join_rule: rule } })
  }

  topic(id: string, sender: string, ts?: number): this {
    return this.send({ id, type: 'm.room.topic', sender, ...(ts === undefined ? {} : { ts }) })
  }
}

/** The event at a place of a state. */
export function at(state: StateMap, type: string, key = ''): string | undefined {
  return state.get(stateTuple(type, key))
}
