import { eventWriteOf } from '../../storage/events/event-write.ts'
import { newEvents, type NewEvent } from '../../storage/history/new-events.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { loadPresenter } from '../history/event-presenter.ts'
import { sightOf } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Events an answer; what is left comes with the next one. */
const MAX_EVENTS = 100
/** As for `/sync`. */
const MAX_TIMEOUT_MS = 5 * 60_000

/** A request for what is new in some rooms. */
export interface EventsRequest {
  readonly viewer: Viewer
  /** The rooms to watch now; asked again after every wait. */
  readonly rooms: () => Promise<readonly RoomNid[]>
  /** Undefined: from now on. */
  readonly from: StreamPosition | undefined
  readonly timeoutMs: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** New events as JSON texts, and where the stream goes on. */
export interface WatchedEvents {
  readonly start: StreamPosition
  readonly end: StreamPosition
  readonly chunk: readonly string[]
}

/**
 * Gives the events that are new in some rooms, of those that the viewer may see, or waits for the first.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for a position from the future.
 */
export async function watchEvents(services: SyncServices, request: EventsRequest): Promise<WatchedEvents> {
  const { committer } = services
  const start = request.from ?? committer.head
  if (isAfter(start, committer.head)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`from` is not a token that this server gave out')
  }
  const deadline = performance.now() + Math.min(request.timeoutMs, MAX_TIMEOUT_MS)
  for (let after = start; ;) {
    const rooms = await request.rooms()
    const change = nextChange(services, new Set(rooms), request.signal)
    try {
      const upTo = committer.head
      const found = await newEvents(services.queries, rooms, after, upTo, MAX_EVENTS)
      const end = found.length < MAX_EVENTS ? upTo : (found.at(-1)?.position ?? upTo)
      const chunk = await presented(services, request.viewer, found)
      const remaining = deadline - performance.now()
      if (chunk.length > 0 || remaining <= 0 || request.signal.aborted) return { start, end, chunk }
      after = end
      if (found.length < MAX_EVENTS) await change.within(remaining)
    } finally {
      change.stop()
    }
  }
}

async function presented(
  services: SyncServices,
  viewer: Viewer,
  found: readonly NewEvent[],
): Promise<string[]> {
  if (found.length === 0) return []
  const [{ rooms }, loaded] = await Promise.all([
    services.views.of(viewer.userNid),
    services.events.byPlaces(found),
  ])
  const events = found.map(({ eventNid }) => loaded.get(eventNid)).filter((stored) => stored !== undefined)
  const sight = await sightOf(services, services.openHistories, viewer, rooms, events)
  const seen = events.filter(({ eventNid }) => sight.get(eventNid)?.visible)
  const presenter = await loadPresenter(services, services.replacedState, services.sent, viewer, seen, seen)
  return seen.map((stored) => presenter.present(stored, 'full', sight.get(stored.eventNid)?.membership))
}

interface Change {
  /** Resolves at the change, after `ms`, or when nobody waits any more. */
  within(ms: number): Promise<void>
  stop(): void
}

/** Notices the next event in some rooms from now on, so that none falls between reading and waiting. */
function nextChange({ committer }: SyncServices, rooms: ReadonlySet<RoomNid>, signal: AbortSignal): Change {
  const noticed = new AbortController()
  const stopListening = committer.onCommit((writes) => {
    const touched = writes.map(eventWriteOf).filter((write) => write !== undefined)
    if (touched.some(({ roomNid }) => rooms.has(roomNid))) noticed.abort()
  })
  return {
    within: (ms) =>
      new Promise((resolve) => {
        const either = AbortSignal.any([noticed.signal, signal, AbortSignal.timeout(Math.ceil(ms))])
        if (either.aborted) resolve()
        else either.addEventListener('abort', () => resolve(), { once: true })
      }),
    stop: stopListening,
  }
}
