import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { RequiredState } from './required-state.ts'
import { UNSENT, type ConnectionState, type SentRoom } from './sent-room.ts'

/** What an answer makes of what a connection has been sent. */
export class ConnectionChanges {
  readonly #before: ConnectionState
  readonly #rooms = new Map<RoomNid, SentRoom>()
  readonly #configs: Map<number, readonly RequiredState[]>
  readonly #configIds: Map<string, number>
  readonly #numbered = new Map<readonly RequiredState[], number>()
  #newConfigs = false
  #globalAccountData: boolean

  constructor(before: ConnectionState) {
    this.#before = before
    this.#configs = new Map(before.configs)
    this.#configIds = new Map(Array.from(before.configs, ([id, states]) => [JSON.stringify(states), id]))
    this.#globalAccountData = before.globalAccountData
  }

  /** What a room has been sent so far, this answer included. */
  room(roomNid: RoomNid): SentRoom {
    return this.#rooms.get(roomNid) ?? this.#before.rooms.get(roomNid) ?? UNSENT
  }

  /** Notes what a room is sent. */
  update(roomNid: RoomNid, fields: Partial<SentRoom>): void {
    const room = this.room(roomNid)
    if (!agrees(room, fields)) this.#rooms.set(roomNid, { ...room, ...fields })
  }

  /** The number of a config, a new one for a new config. */
  configId(states: readonly RequiredState[]): number {
    const numbered = this.#numbered.get(states)
    if (numbered !== undefined) return numbered
    const text = JSON.stringify(states)
    const known = this.#configIds.get(text)
    const id = known ?? Math.max(0, ...this.#configs.keys()) + 1
    this.#numbered.set(states, id)
    if (known === undefined) {
      this.#configs.set(id, states)
      this.#configIds.set(text, id)
      this.#newConfigs = true
    }
    return id
  }

  /** What a config asks for. */
  config(id: number): readonly RequiredState[] {
    return this.#configs.get(id) ?? []
  }

  /** Notes whether the client has all global account data from now on. */
  set globalAccountData(told: boolean) {
    this.#globalAccountData = told
  }

  /** What has been sent after this answer, and which rooms' part of it is new; undefined where nothing is. */
  finish(): { readonly state: ConnectionState; readonly changed: readonly RoomNid[] } | undefined {
    const before = this.#before
    if (this.#rooms.size === 0 && !this.#newConfigs && this.#globalAccountData === before.globalAccountData) {
      return undefined
    }
    const rooms = new Map([...before.rooms, ...this.#rooms])
    return {
      state: { rooms, configs: this.#usedConfigs(rooms), globalAccountData: this.#globalAccountData },
      changed: [...this.#rooms.keys()],
    }
  }

  /** Configs that no room needs any more go, so that a client may change them as often as it likes. */
  #usedConfigs(rooms: ReadonlyMap<RoomNid, SentRoom>): ReadonlyMap<number, readonly RequiredState[]> {
    if (!this.#newConfigs) return this.#configs
    const used = new Set(Array.from(rooms.values(), ({ config }) => config))
    return new Map([...this.#configs].filter(([id]) => used.has(id)))
  }
}

/** Whether a room says what `fields` say. */
function agrees(room: SentRoom, { members, ...fields }: Partial<SentRoom>): boolean {
  const keys = Object.keys(fields) as (keyof typeof fields)[]
  if (keys.some((key) => room[key] !== fields[key])) return false
  const known = room.members
  return !members || (members.length === known.length && members.every((nid, index) => nid === known[index]))
}
