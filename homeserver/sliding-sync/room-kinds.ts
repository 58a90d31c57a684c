import { LRUCache } from 'lru-cache'
import { isJsonObject, ownValue, type JsonValue } from '../../protocol/json/value.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { currentPlaces } from '../../storage/sync/state-places-reader.ts'
import { outsideRooms, type UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { shownEvent } from '../history/event-text.ts'
import type { ReadServices, Viewer } from '../history/read-services.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** As many as rooms may be in use at the same time; about 200 bytes each. */
const MAX_ROOMS = 100_000

/** A longer name or type is known by its beginning: rooms of strangers are kept here too. */
const MAX_TEXT = 255

/** What filters ask of rooms; undefined fields are not known. */
export interface RoomKind {
  readonly encrypted: boolean | undefined
  /** Null for a room without a type. */
  readonly type: string | null | undefined
  /** In lower case. */
  readonly name: string | undefined
}

/** A room's name as filters look at it. */
export function nameForm(name: string): string {
  return name.slice(0, MAX_TEXT).toLowerCase()
}

const UNKNOWN: RoomKind = { encrypted: undefined, type: undefined, name: undefined }

interface Places {
  readonly emptyKey: StateKeyNid
  readonly create: TypeNid
  readonly encryption: TypeNid
  readonly name: TypeNid
}

/** What kind of rooms rooms are: in memory, read again when the stream changes it. */
export class RoomKinds {
  readonly #services: ReadServices
  readonly #places: Places
  readonly #kinds = new LRUCache<RoomNid, Promise<RoomKind>>({ maxSize: MAX_ROOMS, sizeCalculation: () => 1 })

  private constructor(services: ReadServices, places: Places) {
    this.#services = services
    this.#places = places
  }

  static async create(services: ReadServices): Promise<RoomKinds> {
    const { interner } = services
    const [create, encryption, name, emptyKey] = await Promise.all([
      interner.typeNid('m.room.create'),
      interner.typeNid('m.room.encryption'),
      interner.typeNid('m.room.name'),
      interner.stateKeyNid(''),
    ])
    return new RoomKinds(services, { create, encryption, name, emptyKey })
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    const { create, encryption, name } = this.#places
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const change = stateChangeOf(committed)
      const matters = change?.stateChanges.some(
        ({ typeNid }) => typeNid === create || typeNid === encryption || typeNid === name,
      )
      if (change && (matters || (write?.redactions.length ?? 0) > 0)) this.#kinds.delete(change.roomNid)
    }
  }

  /** The kinds of a user's rooms; what is known of rooms that this server is not in is their stripped state. */
  async of(viewer: Viewer, rooms: readonly UserRoom[]): Promise<ReadonlyMap<RoomNid, RoomKind>> {
    const own = rooms.filter(({ outside }) => !outside).map(({ roomNid }) => roomNid)
    const outside = rooms.filter((room) => room.outside).map(({ roomNid }) => roomNid)
    const unknown = own.filter((roomNid) => !this.#kinds.has(roomNid))
    const loading = unknown.length > 0 ? this.#read(unknown) : undefined
    for (const roomNid of unknown) {
      const kind = loading!.then((kinds) => kinds.get(roomNid) ?? UNKNOWN)
      this.#kinds.set(roomNid, kind)
      kind.catch(() => this.#kinds.delete(roomNid))
    }
    const asked = own.map((roomNid) => this.#kinds.get(roomNid))
    const [stripped, kinds] = await Promise.all([
      outsideRooms(this.#services.queries, viewer.userNid, outside),
      Promise.all(asked),
    ])
    const found = new Map<RoomNid, RoomKind>()
    own.forEach((roomNid, index) => found.set(roomNid, kinds[index] ?? UNKNOWN))
    for (const [roomNid, { strippedState }] of stripped) found.set(roomNid, kindInStripped(strippedState))
    return found
  }

  async #read(roomNids: readonly RoomNid[]): Promise<Map<RoomNid, RoomKind>> {
    const { create, encryption, name, emptyKey } = this.#places
    const places = await currentPlaces(
      this.#services.queries,
      roomNids.flatMap((roomNid) =>
        [create, encryption, name].map((typeNid) => ({ roomNid, typeNid, stateKeyNid: emptyKey })),
      ),
    )
    const events = await this.#services.events.byPlaces(
      places.filter(({ typeNid }) => typeNid !== encryption),
    )
    const kinds = new Map<RoomNid, RoomKind>()
    for (const { roomNid, typeNid, eventNid } of places) {
      const kind = kinds.get(roomNid) ?? { encrypted: false, type: undefined, name: undefined }
      const event = events.get(eventNid)
      const content: JsonValue = event ? shownEvent(event).content : {}
      if (typeNid === encryption) kinds.set(roomNid, { ...kind, encrypted: true })
      else if (typeNid === create) kinds.set(roomNid, { ...kind, type: textIn(content, 'type') ?? null })
      else kinds.set(roomNid, { ...kind, name: nameIn(content) })
    }
    return kinds
  }
}

/** Stripped state is another server's claim: whatever of it is not what it should be says nothing. */
function kindInStripped(text: string | undefined): RoomKind {
  const listed: JsonValue = text === undefined ? null : (JSON.parse(text) as JsonValue)
  if (!Array.isArray(listed) || listed.length === 0) return UNKNOWN
  const contentOf = (type: string): JsonValue | undefined => {
    const event = listed.filter(isJsonObject).find((entry) => ownValue(entry, 'type') === type)
    return event && ownValue(event, 'content')
  }
  const create = contentOf('m.room.create')
  return {
    encrypted: contentOf('m.room.encryption') !== undefined,
    type: create === undefined ? undefined : (textIn(create, 'type') ?? null),
    name: nameIn(contentOf('m.room.name')),
  }
}

function textIn(content: JsonValue | undefined, key: string): string | undefined {
  const value = isJsonObject(content) ? ownValue(content, key) : undefined
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : undefined
}

function nameIn(content: JsonValue | undefined): string | undefined {
  const name = textIn(content, 'name')
  return name === undefined ? undefined : nameForm(name)
}
