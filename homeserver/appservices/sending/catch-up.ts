import { missedEvents, missedOutside } from '../../../storage/appservices/missed-events.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { comparePositions, isAfter, type StreamPosition } from '../../../storage/position/position.ts'
import { RoomInterest, type InterestServices } from '../interest/room-interest.ts'
import type { AppService } from '../registration/app-service.ts'
import type { ServiceItem } from './service-item.ts'

/** Events of the whole server that are looked at in one query. */
const PAGE_EVENTS = 1_000

/** A stretch of the stream that one service has missed, read page by page. */
export class CatchUp {
  readonly #services: InterestServices
  readonly #appService: AppService
  readonly #interest: RoomInterest
  #buffer: ServiceItem[] = []
  #read: StreamPosition

  /** @param after where it begins. */
  constructor(services: InterestServices, appService: AppService, after: StreamPosition) {
    this.#services = services
    this.#appService = appService
    this.#interest = new RoomInterest(services, [appService])
    this.#read = after
  }

  /**
   * The next things for the service, `limit` at most and in order, which may be none.
   *
   * @param until how far to look; later calls go on from there.
   * @returns `upTo`: everything up to there has been given.
   */
  async next(until: StreamPosition, limit: number): Promise<{ items: ServiceItem[]; upTo: StreamPosition }> {
    while (this.#buffer.length < limit && isAfter(until, this.#read)) await this.#readPage(until)
    const items = this.#buffer.splice(0, limit)
    const last = items.at(-1)
    return { items, upTo: this.#buffer.length > 0 && last ? last.position : this.#read }
  }

  /** Gives back what could not be told yet; it comes first next time. */
  putBack(items: readonly ServiceItem[]): void {
    this.#buffer.unshift(...items)
  }

  async #readPage(until: StreamPosition): Promise<void> {
    const { queries, interner, events } = this.#services
    const after = this.#read
    const page = await missedEvents(queries, { after, until, limit: PAGE_EVENTS })
    const upTo = page.length === PAGE_EVENTS ? page.at(-1)!.position : until
    const outside = await missedOutside(queries, { after, until: upTo })
    const memberType = await interner.typeNid('m.room.member')
    const rooms = await this.#interest.in([...new Set(page.map(({ roomNid }) => roomNid))], after)
    // Of other rooms nothing need be read: nobody of the service's enters or is in them.
    const relevant = new Set<RoomNid>(
      page.filter(({ typeNid }) => typeNid === memberType).map(({ roomNid }) => roomNid),
    )
    for (const [roomNid, services] of rooms) if (services.size > 0) relevant.add(roomNid)
    const wanted = page.filter(({ roomNid }) => relevant.has(roomNid))
    const stored = await events.byPlaces(wanted)
    const walked = await this.#interest.walk(
      wanted.flatMap(({ eventNid, position }) => {
        const event = stored.get(eventNid)
        return event ? [{ stored: event, position }] : []
      }),
      after,
    )
    const userIds = await interner.userIds(outside.map(({ userNid }) => userNid))
    const own = outside.filter(({ userNid }) =>
      this.#appService.namespaces.hasUser(userIds.get(userNid) ?? ''),
    )
    const items: ServiceItem[] = [
      ...walked.map(({ position, roomNid, eventNid, entered }) => ({
        kind: 'event' as const,
        position,
        roomNid,
        eventNid,
        entered: entered.has(this.#appService),
      })),
      ...own.map((invite) => ({ kind: 'outside' as const, ...invite })),
    ]
    this.#buffer.push(...items.sort((a, b) => comparePositions(a.position, b.position)))
    this.#read = upTo
  }
}
