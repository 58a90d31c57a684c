import { isAfter } from '../../storage/position/position.ts'
import type { Sync } from '../sync/sync.ts'
import { nextWake } from '../sync/next-wake.ts'
import { Turns } from '../sync/turns.ts'
import { buildAnswer, type SlidingAnswer } from './build-answer.ts'
import { Connections, type OpenConnection } from './connections.ts'
import type { SlidingExtension } from './extensions/sliding-extension.ts'
import { RoomActivities } from './room-activity.ts'
import { RoomKinds } from './room-kinds.ts'
import { LabelsOfUsers } from './room-labels.ts'
import { RoomRelations } from './room-relations.ts'
import type { SlidingRequest } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'
import { formatPos, unknownPos } from './sliding-token.ts'

/** Proxies and clients give up on requests long before; a longer wait only holds memory. */
const MAX_TIMEOUT_MS = 5 * 60_000

/** As many as classic sync builds at once after a wake, and for the same reason. */
const MAX_WOKEN_AT_ONCE = 4

/** An answer with the `pos` that the client goes on from. */
export interface PlacedAnswer extends SlidingAnswer {
  readonly pos: string
}

/** Gives clients what is new in the rooms that they look at, at once or as soon as there is something (MSC4186). */
export class SlidingSync {
  readonly #services: SlidingServices
  readonly #woken = new Turns(MAX_WOKEN_AT_ONCE)
  /** The newest request of each connection that goes on. */
  readonly #newest = new Map<number, AbortController>()

  /** Use {@link startSlidingSync}. */
  constructor(services: SlidingServices) {
    this.#services = services
  }

  /**
   * Answers a request. A newer request of a connection ends one that waits still: clients that want something else
   * cancel and ask again, and what nobody reads may not move the connection on.
   *
   * @throws MatrixError 400 M_UNKNOWN_POS when the connection must begin anew.
   */
  async answer(request: SlidingRequest): Promise<PlacedAnswer> {
    const { committer, connections } = this.#services
    const { since } = request
    if (since && isAfter(since.stream.position, committer.head)) throw unknownPos()
    const connection = await connections.open(request)
    if (!connection.place) return this.#answer(request, connection, request.signal)
    const { connectionNid } = connection.place
    const newer = new AbortController()
    this.#newest.get(connectionNid)?.abort()
    this.#newest.set(connectionNid, newer)
    try {
      const signals = [newer.signal, ...(request.signal ? [request.signal] : [])]
      return await this.#answer(request, connection, AbortSignal.any(signals))
    } finally {
      if (this.#newest.get(connectionNid) === newer) this.#newest.delete(connectionNid)
    }
  }

  async #answer(
    request: SlidingRequest,
    connection: OpenConnection,
    signal: AbortSignal | undefined,
  ): Promise<PlacedAnswer> {
    const { connections, views } = this.#services
    const { since, viewer } = request
    const deadline = performance.now() + Math.min(request.timeoutMs, MAX_TIMEOUT_MS)
    const mustEnd = (): boolean => !since || performance.now() >= deadline || signal?.aborted === true
    for (let woken = false; ; woken = true) {
      const view = await views.of(viewer.userNid)
      const wakesSeen = view.wakes
      const build = () => this.#build(request, connection, view)
      const answer = await (woken ? this.#woken.take(build) : build())
      if (signal?.aborted === true && since) return { ...answer, pos: formatPos(since) }
      if (answer.hasNews || mustEnd()) {
        const place = await connections.save(request, connection, answer.changes.finish())
        return { ...answer, pos: formatPos({ place, stream: answer.stream }) }
      }
      const remaining = deadline - performance.now()
      if (view.wakes === wakesSeen && !view.closed) await nextWake(view, remaining, signal)
    }
  }

  #build(
    request: SlidingRequest,
    connection: OpenConnection,
    view: Parameters<typeof buildAnswer>[4],
  ): Promise<SlidingAnswer> {
    const { recent, stored } = this.#services
    const { since } = request
    const source = since && recent.reaches(since.stream.position) ? recent : stored
    return buildAnswer(this.#services, source, request, connection, view)
  }
}

/** Builds sliding sync beside classic sync, on the same services, and has it keep up with the stream from now on. */
export async function startSlidingSync(
  { services: sync }: Sync,
  extensions: readonly SlidingExtension[] = [],
): Promise<SlidingSync> {
  const services: SlidingServices = {
    ...sync,
    extensions,
    connections: new Connections(sync),
    activities: await RoomActivities.create(sync),
    kinds: await RoomKinds.create(sync),
    labels: new LabelsOfUsers(sync),
    relations: new RoomRelations(sync),
  }
  services.committer.onCommit((writes) => {
    services.activities.absorb(writes)
    services.kinds.absorb(writes)
    services.labels.absorb(writes)
  })
  return new SlidingSync(services)
}
