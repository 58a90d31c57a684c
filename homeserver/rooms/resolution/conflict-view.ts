import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import { splitStateTuple, type StateTuple } from '../../../protocol/state/state-map.ts'
import type { ConflictInput } from '../../../protocol/state-resolution/conflict-input.ts'
import type { ConflictedState } from '../../../protocol/state-resolution/conflicted-state.ts'
import type { Ask } from '../../../protocol/state-resolution/steps.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'
import { conflictedNids, type Conflict } from './find-conflicts.ts'

/**
 * What one resolution may have in memory: about half a gigabyte. States that differ by more than rooms have members are
 * somebody's attack; the event that would bring them together is refused.
 */
const MAX_EVENTS_AT_HAND = 200_000

/** The states of a room that are to be resolved, as far as the resolution has asked for them. */
export class ConflictView implements ConflictInput {
  readonly version: RoomVersionRules
  readonly stateCount: number
  readonly conflicted: ConflictedState
  readonly #services: RoomServices
  readonly #room: OpenRoom
  /** The first of the states, for what all agree on. */
  readonly #base: StateRoot
  readonly #events: Map<string, StoredEvent>
  /** Ids that have been asked for and stand for nothing here. */
  readonly #absent = new Set<string>()
  readonly #unconflicted = new Map<StateTuple, string | undefined>()
  #inUnconflictedChain: ReadonlySet<string> = new Set()

  private constructor(
    services: RoomServices,
    room: OpenRoom,
    roots: readonly [StateRoot, ...StateRoot[]],
    conflicts: readonly Conflict[],
    byNid: ReadonlyMap<EventNid, StoredEvent>,
  ) {
    this.#services = services
    this.#room = room
    this.#base = roots[0]
    this.#events = new Map([...byNid.values()].map((stored) => [stored.event.eventId, stored]))
    this.version = room.head.version
    this.stateCount = roots.length
    const idOf = (nid: EventNid | undefined): string | undefined =>
      nid === undefined ? undefined : byNid.get(nid)?.event.eventId
    this.conflicted = new Map(conflicts.map(({ tuple, events }) => [tuple, events.map(idOf)]))
  }

  /** @throws MatrixError where the states differ in more events than can be held. */
  static async of(
    services: RoomServices,
    room: OpenRoom,
    roots: readonly [StateRoot, ...StateRoot[]],
    conflicts: readonly Conflict[],
  ): Promise<ConflictView> {
    const nids = conflictedNids(conflicts)
    refuseBeyondBound(nids.size)
    return new ConflictView(services, room, roots, conflicts, await room.eventsByNid([...nids]))
  }

  /** Whether everything that was asked for is here: then the result stays true. */
  get isWhole(): boolean {
    return this.#absent.size === 0
  }

  event(eventId: string): RoomEvent | undefined {
    return this.#events.get(eventId)?.event
  }

  isRejected(eventId: string): boolean {
    return this.#events.get(eventId)?.verdict === 'rejected'
  }

  authHeight(eventId: string): number | undefined {
    return this.#events.get(eventId)?.authHeight
  }

  unconflicted(tuple: StateTuple): string | undefined {
    return this.#unconflicted.get(tuple)
  }

  inUnconflictedChain(): ReadonlySet<string> {
    return this.#inUnconflictedChain
  }

  /** The number of an event that is at hand. */
  eventNid(eventId: string): EventNid | undefined {
    return this.#events.get(eventId)?.eventNid
  }

  /** Has at hand what the resolution asks for. @throws MatrixError where that is more than can be held. */
  async have({ events, places, candidates }: Ask): Promise<void> {
    if (events) await this.#haveEvents(events)
    if (places) await this.#havePlaces(places)
    if (candidates) {
      const own = [...this.conflicted.values()].flatMap(([first]) => first ?? [])
      const { authCovers } = this.#services
      const at = { root: this.#base, without: own, candidates }
      this.#inUnconflictedChain = await authCovers.coveredWithout(this.#services, this.#room, at)
    }
  }

  async #haveEvents(eventIds: Iterable<string>): Promise<void> {
    const wanted = new Set<string>()
    for (const id of eventIds) if (!this.#events.has(id) && !this.#absent.has(id)) wanted.add(id)
    if (wanted.size === 0) return
    refuseBeyondBound(this.#events.size + wanted.size)
    const found = await this.#room.events([...wanted])
    for (const id of wanted) {
      const stored = found.get(id)
      if (stored) this.#events.set(id, stored)
      else this.#absent.add(id)
    }
  }

  async #havePlaces(tuples: Iterable<StateTuple>): Promise<void> {
    const wanted = new Set<StateTuple>()
    for (const tuple of tuples)
      if (!this.conflicted.has(tuple) && !this.#unconflicted.has(tuple)) wanted.add(tuple)
    if (wanted.size === 0) return
    refuseBeyondBound(this.#events.size + wanted.size)
    const found = await this.#room.stateEvents(this.#base, [...wanted].map(splitStateTuple))
    for (const tuple of wanted) {
      const stored = found.get(tuple)
      this.#unconflicted.set(tuple, stored?.event.eventId)
      if (stored) this.#events.set(stored.event.eventId, stored)
    }
  }
}

function refuseBeyondBound(events: number): void {
  if (events <= MAX_EVENTS_AT_HAND) return
  throw new MatrixError(
    413,
    'M_TOO_LARGE',
    `The states that the event brings together differ by more than ${MAX_EVENTS_AT_HAND} events.`,
  )
}
