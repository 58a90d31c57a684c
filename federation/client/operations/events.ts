import type { JsonValue } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import { Answer } from './answer.ts'
import type { TakeItems } from '../stream/take-items.ts'
import {
  MAX_EVENT_BYTES,
  MAX_STATE_EVENTS,
  MAX_STATE_IDS_BYTES,
  STATE_STREAM,
  STATE_TIMEOUT_MS,
} from './limits.ts'
import { target } from './target.ts'

/** The state of a room before an event, with the events that it leans on, by event id. */
export interface RemoteStateIds {
  readonly stateIds: readonly string[]
  readonly authChainIds: readonly string[]
}

export interface EventOperations {
  /** One event (`GET /_matrix/federation/v1/event/{eventId}`), not verified: it may be another than was asked for. */
  getEvent(destination: string, eventId: string): Promise<JsonValue>
  /** The auth chain of an event (`GET /_matrix/federation/v1/event_auth/…`), not verified. */
  getEventAuth(destination: string, roomId: string, eventId: string): Promise<readonly JsonValue[]>
  /**
   * The state of a room before an event (`GET /_matrix/federation/v1/state/{roomId}`), not verified.
   *
   * @param take gets the events of the lists `pdus` and `auth_chain` as they come.
   */
  getState(
    destination: string,
    roomId: string,
    eventId: string,
    take: TakeItems,
    signal?: AbortSignal,
  ): Promise<void>
  /** As `getState`, by event id (`GET /_matrix/federation/v1/state_ids/{roomId}`). */
  getStateIds(
    destination: string,
    roomId: string,
    eventId: string,
    signal?: AbortSignal,
  ): Promise<RemoteStateIds>
}

const OF_STATE = { method: 'GET', timeoutMs: STATE_TIMEOUT_MS, maxAnswerBytes: MAX_STATE_IDS_BYTES } as const

export function eventOperations(transport: FederationTransport): EventOperations {
  return {
    async getEvent(destination, eventId) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/event', [eventId]),
        maxAnswerBytes: MAX_EVENT_BYTES,
      })
      const [pdu] = new Answer(destination, answer).array('pdus', 1)
      if (pdu !== undefined) return pdu
      throw new FederationRequestError(destination, 'bad-answer', 'the answer holds no event')
    },

    async getEventAuth(destination, roomId, eventId) {
      const answer = await transport.request(destination, {
        ...OF_STATE,
        target: target('/_matrix/federation/v1/event_auth', [roomId, eventId]),
      })
      return new Answer(destination, answer).array('auth_chain', MAX_STATE_EVENTS)
    },

    async getState(destination, roomId, eventId, take, signal) {
      const request = {
        method: 'GET',
        target: target('/_matrix/federation/v1/state', [roomId], { event_id: eventId }),
        timeoutMs: STATE_TIMEOUT_MS,
        ...(signal ? { signal } : {}),
      } as const
      await transport.requestItems(destination, request, ['pdus', 'auth_chain'], STATE_STREAM, take)
    },

    async getStateIds(destination, roomId, eventId, signal) {
      const answer = await transport.request(destination, {
        ...OF_STATE,
        ...(signal ? { signal } : {}),
        target: target('/_matrix/federation/v1/state_ids', [roomId], { event_id: eventId }),
      })
      const read = new Answer(destination, answer)
      return {
        stateIds: read.strings('pdu_ids', MAX_STATE_EVENTS),
        authChainIds: read.strings('auth_chain_ids', MAX_STATE_EVENTS),
      }
    },
  }
}
