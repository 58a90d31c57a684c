import type { JsonValue } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { MAX_EVENTS_BYTES } from './limits.ts'
import { target } from './target.ts'

/** A gap in a room's history. */
export interface MissingEventsQuestion {
  readonly roomId: string
  /** Events that are at hand; the search stops at them. */
  readonly earliestEvents: readonly string[]
  /** Events whose ancestors are wanted. */
  readonly latestEvents: readonly string[]
  readonly limit: number
  readonly minDepth: number
}

export interface HistoryOperations {
  /**
   * Events before the given ones (`GET /_matrix/federation/v1/backfill/{roomId}`).
   *
   * @returns at most `limit` PDUs, not verified.
   */
  backfill(
    destination: string,
    roomId: string,
    from: readonly string[],
    limit: number,
  ): Promise<readonly JsonValue[]>
  /**
   * Events of a gap (`POST /_matrix/federation/v1/get_missing_events/{roomId}`).
   *
   * @returns at most `limit` PDUs, not verified; they may be of another room.
   */
  getMissingEvents(destination: string, question: MissingEventsQuestion): Promise<readonly JsonValue[]>
  /** The event nearest to a time (`GET /_matrix/federation/v1/timestamp_to_event/{roomId}`). */
  timestampToEvent(
    destination: string,
    roomId: string,
    timestamp: number,
    direction: 'f' | 'b',
  ): Promise<{ readonly eventId: string; readonly originServerTs: number }>
}

/** Some servers round the limit up; what is beyond that is not looked at. */
const MAX_EVENTS = 1_000

export function historyOperations(transport: FederationTransport): HistoryOperations {
  return {
    async backfill(destination, roomId, from, limit) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/backfill', [roomId], { v: from, limit }),
        maxAnswerBytes: MAX_EVENTS_BYTES,
      })
      return new Answer(destination, answer).array('pdus', MAX_EVENTS).slice(0, limit)
    },

    async getMissingEvents(destination, question) {
      const answer = await transport.request(destination, {
        method: 'POST',
        target: target('/_matrix/federation/v1/get_missing_events', [question.roomId]),
        body: {
          earliest_events: [...question.earliestEvents],
          latest_events: [...question.latestEvents],
          limit: question.limit,
          min_depth: question.minDepth,
        },
        maxAnswerBytes: MAX_EVENTS_BYTES,
      })
      return new Answer(destination, answer).array('events', MAX_EVENTS).slice(0, question.limit)
    },

    async timestampToEvent(destination, roomId, timestamp, direction) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/timestamp_to_event', [roomId], {
          ts: timestamp,
          dir: direction,
        }),
      })
      const read = new Answer(destination, answer)
      return {
        eventId: read.string('event_id'),
        originServerTs: read.optionalInteger('origin_server_ts') ?? 0,
      }
    },
  }
}
