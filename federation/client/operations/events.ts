import type { JsonValue } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import { Answer } from './answer.ts'
import { MAX_EVENT_BYTES, MAX_STATE_BYTES, MAX_STATE_EVENTS, STATE_TIMEOUT_MS } from './limits.ts'
import { target } from './target.ts'

/** The state of a room before an event, with the events that it leans on. Nothing in here is verified. */
export interface RemoteState {
  readonly state: readonly JsonValue[]
  readonly authChain: readonly JsonValue[]
}

/** As {@link RemoteState}, by event id. */
export interface RemoteStateIds {
  readonly stateIds: readonly string[]
  readonly authChainIds: readonly string[]
}

export interface EventOperations {
  /** One event (`GET /_matrix/federation/v1/event/{eventId}`), not verified: it may be another than was asked for. */
  getEvent(destination: string, eventId: string): Promise<JsonValue>
  /** The auth chain of an event (`GET /_matrix/federation/v1/event_auth/…`), not verified. */
  getEventAuth(destination: string, roomId: string, eventId: string): Promise<readonly JsonValue[]>
  /** The state of a room before an event (`GET /_matrix/federation/v1/state/{roomId}`). */
  getState(destination: string, roomId: string, eventId: string): Promise<RemoteState>
  /** As `getState`, by event id (`GET /_matrix/federation/v1/state_ids/{roomId}`). */
  getStateIds(destination: string, roomId: string, eventId: string): Promise<RemoteStateIds>
}

const WHOLE_STATE = { method: 'GET', timeoutMs: STATE_TIMEOUT_MS, maxAnswerBytes: MAX_STATE_BYTES } as const

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
        ...WHOLE_STATE,
        target: target('/_matrix/federation/v1/event_auth', [roomId, eventId]),
      })
      return new Answer(destination, answer).array('auth_chain', MAX_STATE_EVENTS)
    },

    async getState(destination, roomId, eventId) {
      const answer = await transport.request(destination, {
        ...WHOLE_STATE,
        target: target('/_matrix/federation/v1/state', [roomId], { event_id: eventId }),
      })
      const read = new Answer(destination, answer)
      return {
        state: read.array('pdus', MAX_STATE_EVENTS),
        authChain: read.array('auth_chain', MAX_STATE_EVENTS),
      }
    },

    async getStateIds(destination, roomId, eventId) {
      const answer = await transport.request(destination, {
        ...WHOLE_STATE,
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
