import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { currentPlaces } from '../../storage/sync/state-places-reader.ts'
import type { ReadServices } from '../history/read-services.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** Senders of busy rooms; about 50 bytes each. */
const MAX_MEMBERS = 200_000

/** A user's place in the state of a room. */
export interface MemberPlace {
  readonly roomNid: RoomNid
  readonly stateKeyNid: StateKeyNid
}

type Members = Map<StateKeyNid, EventNid | 'none'>

/** The membership events of rooms' current state, for lazy loading: in memory, kept by the stream. */
export class CurrentMembers {
  readonly #queries: ReadServices['queries']
  readonly #memberType: TypeNid
  readonly #maxMembers: number
  /** Whoever was asked for last comes last. */
  readonly #rooms = new Map<RoomNid, Members>()
  #count = 0

  /** @param memberType the number of `m.room.member`; @param maxMembers how many are remembered. */
  constructor(
    { queries }: Pick<ReadServices, 'queries'>,
    memberType: TypeNid,
    maxMembers: number = MAX_MEMBERS,
  ) {
    this.#queries = queries
    this.#memberType = memberType
    this.#maxMembers = maxMembers
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = stateChangeOf(committed)
      for (const { typeNid, stateKeyNid, eventNid } of write?.stateChanges ?? []) {
        if (typeNid !== this.#memberType) continue
        this.#set({ roomNid: write!.roomNid, stateKeyNid }, eventNid ?? 'none')
      }
    }
    this.#forgetMost()
  }

  /** The membership events at `places`, in their order; undefined where there is none. */
  async at(places: readonly MemberPlace[]): Promise<(EventNid | undefined)[]> {
    for (const roomNid of new Set(places.map((place) => place.roomNid))) this.#touch(roomNid)
    const known = places.map((place) => this.#peek(place))
    const unknown = places.filter((_, index) => known[index] === undefined)
    if (unknown.length > 0) {
      const rows = await currentPlaces(
        this.#queries,
        unknown.map((place) => ({ ...place, typeNid: this.#memberType })),
      )
      for (const { roomNid, stateKeyNid, eventNid } of rows) this.#learn({ roomNid, stateKeyNid }, eventNid)
      for (const place of unknown) this.#learn(place, 'none')
    }
    // What others asked meanwhile may have pushed out what was known.
    const members = places.map((place, index) => this.#peek(place) ?? known[index])
    this.#forgetMost()
    return members.map((member) => (member === 'none' ? undefined : member))
  }

  #peek({ roomNid, stateKeyNid }: MemberPlace): EventNid | 'none' | undefined {
    return this.#rooms.get(roomNid)?.get(stateKeyNid)
  }

  /** Takes in what was read, unless a commit that came meanwhile knows better. */
  #learn(place: MemberPlace, member: EventNid | 'none'): void {
    if (this.#peek(place) === undefined) this.#set(place, member)
  }

  #set({ roomNid, stateKeyNid }: MemberPlace, member: EventNid | 'none'): void {
    let members = this.#rooms.get(roomNid)
    if (!members) this.#rooms.set(roomNid, (members = new Map()))
    if (!members.has(stateKeyNid)) this.#count += 1
    members.set(stateKeyNid, member)
  }

  #touch(roomNid: RoomNid): void {
    const members = this.#rooms.get(roomNid)
    if (!members) return
    this.#rooms.delete(roomNid)
    this.#rooms.set(roomNid, members)
  }

  #forgetMost(): void {
    for (const [roomNid, members] of this.#rooms) {
      if (this.#count <= this.#maxMembers) return
      this.#rooms.delete(roomNid)
      this.#count -= members.size
    }
  }
}
