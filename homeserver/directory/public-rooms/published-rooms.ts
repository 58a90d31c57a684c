import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject } from '../../../protocol/json/value.ts'
import {
  countPublishedRooms,
  publishedRoomsPage,
  type DirectoryStart,
  type PublishedRoom,
} from '../../../storage/directory/published-rooms-page.ts'
import {
  deleteNetworkRoom,
  deleteUnlisted,
  putNetworkRoom,
  setGeneral,
  type Network,
} from '../../../storage/directory/network-rooms.ts'
import {
  newestStateChanges,
  publishedRoomNids,
  putPublishedRooms,
  stalePublishedRooms,
} from '../../../storage/directory/published-rooms.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import { STREAM_START } from '../../../storage/position/position.ts'
import type { RoomServices } from '../../rooms/room-services.ts'
import { loadSummaries } from '../summaries/load-summaries.ts'
import { pageToken, parsePageToken } from './page-token.ts'
import type { PublicRoomsPage, PublicRoomsQuestion } from './public-rooms-page.ts'
import { publishedRoomRow, searchForm } from './published-room-row.ts'
import { stateChangeOf } from '../../../storage/partial-joins/settled-state.ts'

/** Rooms of one page; more are another page. */
const MAX_PAGE = 100
/** Rooms that are summarised in one step. */
const REFRESH_BATCH = 500

/**
 * This server's public directory. What it says of rooms is brought up to date when somebody asks for it, so that a
 * busy room costs nothing while nobody does.
 */
export class PublishedRooms {
  readonly #services: RoomServices
  readonly #published: Set<RoomNid>
  /** Those that are not in directories of networks alone. */
  readonly #general: Set<RoomNid>
  /** Published rooms whose state has changed since they were summarised. */
  readonly #changed: Set<RoomNid>
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    services: RoomServices,
    published: readonly { readonly roomNid: RoomNid; readonly general: boolean }[],
    changed: Iterable<RoomNid>,
  ) {
    this.#services = services
    this.#published = new Set(published.map(({ roomNid }) => roomNid))
    this.#general = new Set(published.filter(({ general }) => general).map(({ roomNid }) => roomNid))
    this.#changed = new Set(changed)
  }

  /** Opens the directory and lets it keep up with what is committed from then on. */
  static async open(services: RoomServices): Promise<PublishedRooms> {
    const { queries, committer } = services
    const rooms = new PublishedRooms(
      services,
      await publishedRoomNids(queries),
      await stalePublishedRooms(queries),
    )
    committer.onCommit((writes) => rooms.#absorb(writes))
    return rooms
  }

  /** Whether a room is in the general directory. */
  isPublished(roomNid: RoomNid): boolean {
    return this.#general.has(roomNid)
  }

  /** Puts a room into the directory. It is listed while somebody here is in it and its join rule lets others in. */
  publish(roomNid: RoomNid): Promise<void> {
    return this.#inTurn(async () => {
      await this.#list(roomNid)
      await setGeneral(this.#services.queries, roomNid, true)
      this.#general.add(roomNid)
    })
  }

  /** Takes a room out of the general directory. */
  unpublish(roomNid: RoomNid): Promise<void> {
    return this.#inTurn(async () => {
      await setGeneral(this.#services.queries, roomNid, false)
      this.#general.delete(roomNid)
      await this.#forgetUnlisted(roomNid)
    })
  }

  /** Puts a room into the directory of a network, or takes it out. */
  setInNetwork(roomNid: RoomNid, network: Network, listed: boolean): Promise<void> {
    const { queries } = this.#services
    return this.#inTurn(async () => {
      if (!listed) {
        await deleteNetworkRoom(queries, network, roomNid)
        return this.#forgetUnlisted(roomNid)
      }
      await putNetworkRoom(queries, network, roomNid)
      await this.#list(roomNid)
      await setGeneral(queries, roomNid, this.#general.has(roomNid))
    })
  }

  /**
   * A page of the directory, the largest rooms first.
   *
   * @param federatedOnly leaves out rooms that other servers can never join.
   * @throws MatrixError 400 M_INVALID_PARAM for a token that is none.
   */
  async page(question: PublicRoomsQuestion, federatedOnly: boolean): Promise<PublicRoomsPage> {
    const start = question.since === undefined ? undefined : parsePageToken(question.since)
    const limit = Math.min(question.limit ?? MAX_PAGE, MAX_PAGE)
    const { queries } = this.#services
    const filter = {
      searchText: question.searchTerm === undefined ? undefined : searchForm(question.searchTerm),
      roomTypes: question.roomTypes,
      federatedOnly,
      network: question.network,
    }
    await this.#inTurn(() => this.#refresh())
    const [found, total] = await Promise.all([
      publishedRoomsPage(queries, filter, start, limit + 1),
      countPublishedRooms(queries, filter),
    ])
    return asPage(found, total, start, limit)
  }

  async #list(roomNid: RoomNid): Promise<void> {
    if (this.#published.has(roomNid)) return
    await this.#summarise([roomNid])
    this.#published.add(roomNid)
    // What was committed meanwhile was not noted yet.
    this.#changed.add(roomNid)
  }

  async #forgetUnlisted(roomNid: RoomNid): Promise<void> {
    if (!(await deleteUnlisted(this.#services.queries, roomNid))) return
    this.#published.delete(roomNid)
    this.#changed.delete(roomNid)
  }

  #absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const change = stateChangeOf(committed)
      if (!change || !this.#published.has(change.roomNid)) continue
      if (change.stateChanges.length > 0 || (write?.redactions.length ?? 0) > 0)
        this.#changed.add(change.roomNid)
    }
  }

  async #refresh(): Promise<void> {
    while (this.#changed.size > 0) {
      const batch = [...this.#changed].slice(0, REFRESH_BATCH)
      for (const roomNid of batch) this.#changed.delete(roomNid)
      try {
        await this.#summarise(batch)
      } catch (error) {
        for (const roomNid of batch) this.#changed.add(roomNid)
        throw error
      }
    }
  }

  async #summarise(roomNids: readonly RoomNid[]): Promise<void> {
    const { queries } = this.#services
    // Read before the summaries: a change between the two is taken in once more, never left out.
    const positions = await newestStateChanges(queries, roomNids)
    const summaries = await loadSummaries(this.#services, roomNids)
    const rows = roomNids.map((roomNid) =>
      publishedRoomRow(roomNid, summaries.get(roomNid), positions.get(roomNid) ?? STREAM_START),
    )
    await putPublishedRooms(queries, rows)
  }

  /** One after the other: a summary that is being written must not bring back a room that was taken out. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

/** @param found one more than the page holds, where there is one, at the end that the page goes towards. */
function asPage(
  found: readonly PublishedRoom[],
  total: number,
  start: DirectoryStart | undefined,
  limit: number,
): PublicRoomsPage {
  const backwards = start?.side === 'before'
  const more = found.length > limit
  const rooms = backwards ? found.slice(-limit) : found.slice(0, limit)
  const [first, last] = [rooms[0], rooms.at(-1)]
  const hasNext = backwards || more
  const hasPrevious = backwards ? more : start !== undefined
  return {
    chunk: rooms.map(({ summary }) => parseJson(summary)).filter(isJsonObject),
    nextBatch: hasNext && last ? pageToken({ side: 'after', place: last.place }) : undefined,
    prevBatch: hasPrevious && first ? pageToken({ side: 'before', place: first.place }) : undefined,
    totalEstimate: total,
  }
}
