import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import type { SyncRequest } from '../sync-request.ts'
import type { ByRoom } from '../sync-services.ts'
import type { Opening } from './opening.ts'
import type { OpeningForm } from './opening-form.ts'

/** What this cache may hold: three thousand rooms with twenty events each, and those who wrote them. */
const MAX_BYTES = 48 * 1024 * 1024
/** A room without an opening. */
const ROOM_BYTES = 200
/** An opening beside its texts, and what each of its events and members takes there. */
const OPENING_BYTES = 1_000
const EVENT_BYTES = 120
/** Clients of one kind ask in the same form; who asks in ever new ones pushes out only the oldest. */
const MAX_FORMS = 4

type Forms = ReadonlyMap<OpeningForm, Opening | undefined>

/** Loads the openings of rooms that have one. */
export type OpeningLoader = (request: SyncRequest, roomNids: readonly RoomNid[]) => Promise<ByRoom<Opening>>

/**
 * How rooms begin for clients that know nothing of them: texts that many answers share, given up when anything is
 * committed in the room. Those who ask at the same time share one load.
 */
export class Openings {
  readonly #loader: OpeningLoader
  readonly #rooms = new LRUCache<RoomNid, Forms>({ maxSize: MAX_BYTES, sizeCalculation: sizeOf })
  /** What is being loaded, by room and form, for as long as nothing newer is committed. */
  readonly #loading = new Map<RoomNid, Map<OpeningForm, Promise<Opening | undefined>>>()

  constructor(loader: OpeningLoader) {
    this.#loader = loader
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write) continue
      this.#rooms.delete(write.roomNid)
      this.#loading.delete(write.roomNid)
    }
  }

  /**
   * The openings of those rooms that have one, in the form that `request` asks for. They may be older than the newest
   * commit, but hold all that was committed when they were asked for.
   */
  async of(request: SyncRequest, form: OpeningForm, roomNids: readonly RoomNid[]): Promise<ByRoom<Opening>> {
    const found = new Map<RoomNid, Opening>()
    const waited: Promise<void>[] = []
    const unknown: RoomNid[] = []
    const take = (roomNid: RoomNid, opening: Opening | undefined): void => {
      if (opening) found.set(roomNid, opening)
    }
    for (const roomNid of roomNids) {
      const forms = this.#rooms.get(roomNid)
      const loading = this.#loading.get(roomNid)?.get(form)
      if (forms?.has(form)) take(roomNid, forms.get(form))
      else if (loading) waited.push(loading.then((opening) => take(roomNid, opening)))
      else unknown.push(roomNid)
    }
    if (unknown.length > 0) {
      for (const [roomNid, opening] of await this.#load(request, form, unknown)) take(roomNid, opening)
    }
    await Promise.all(waited)
    return found
  }

  async #load(
    request: SyncRequest,
    form: OpeningForm,
    roomNids: readonly RoomNid[],
  ): Promise<ByRoom<Opening>> {
    const load = this.#loader(request, roomNids)
    const own = roomNids.map((roomNid) => ({ roomNid, promise: load.then((all) => all.get(roomNid)) }))
    for (const { roomNid, promise } of own) {
      promise.catch(() => undefined)
      const forms = this.#loading.get(roomNid)
      if (forms) forms.set(form, promise)
      else this.#loading.set(roomNid, new Map([[form, promise]]))
    }
    try {
      const loaded = await load
      for (const { roomNid, promise } of own) {
        if (this.#isCurrent(roomNid, form, promise)) this.#keep(roomNid, form, loaded.get(roomNid))
      }
      return loaded
    } finally {
      for (const { roomNid, promise } of own) {
        if (!this.#isCurrent(roomNid, form, promise)) continue
        const forms = this.#loading.get(roomNid)!
        forms.delete(form)
        if (forms.size === 0) this.#loading.delete(roomNid)
      }
    }
  }

  #keep(roomNid: RoomNid, form: OpeningForm, opening: Opening | undefined): void {
    const others = [...(this.#rooms.peek(roomNid) ?? [])].filter(([other]) => other !== form)
    this.#rooms.set(roomNid, new Map([...others.slice(1 - MAX_FORMS), [form, opening]]))
  }

  #isCurrent(roomNid: RoomNid, form: OpeningForm, promise: Promise<Opening | undefined>): boolean {
    return this.#loading.get(roomNid)?.get(form) === promise
  }
}

function sizeOf(forms: Forms): number {
  let bytes = ROOM_BYTES
  for (const opening of forms.values()) if (opening) bytes += sizeOfOpening(opening)
  return bytes
}

function sizeOfOpening({ timeline, state }: Opening): number {
  return (
    OPENING_BYTES + timeline.bytes.length + state.bytes.length + EVENT_BYTES * (timeline.count + state.count)
  )
}
