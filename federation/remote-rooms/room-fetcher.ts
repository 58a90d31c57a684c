import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { fetchAuthEvents } from './fetch-auth-events.ts'
import { fetchMissingEvents } from './fetch-missing-events.ts'
import { fetchStateAfter, fetchStateBefore, type ToldState } from './fetch-state-before.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import type { RoomOfVersion } from './verified-events.ts'

/**
 * Asks another server for the causes of an event. Everything that comes back belongs to the room and is verified
 * (format, signatures, hash), and nothing is judged or stored. The methods throw `FederationRequestError` when the
 * server does not answer.
 */
export interface RoomFetcher {
  /** Events by id, and those of their auth chains that are not here. What cannot be had is missing. */
  fetchAuthEvents(room: RoomOfVersion, eventIds: readonly string[], from: string): Promise<SignedPdu[]>
  /**
   * The events between `earliest` (here) and `latest` (whose causes are wanted), causes first, bounded. The gap may
   * be larger than what comes.
   */
  fetchMissingEvents(
    room: RoomOfVersion,
    earliest: readonly string[],
    latest: readonly string[],
    from: string,
  ): Promise<SignedPdu[]>
  /** The state before an event and its auth chain, as the server tells it, events that are here included. */
  fetchStateBefore(room: RoomOfVersion, eventId: string, from: string): Promise<ToldState>
  /** The same after an event that is not here, which is a part of it where it is state. */
  fetchStateAfter(room: RoomOfVersion, eventId: string, from: string): Promise<ToldState>
}

export function createRoomFetcher(dependencies: RemoteRoomDependencies): RoomFetcher {
  return {
    fetchAuthEvents: (room, eventIds, from) => fetchAuthEvents(dependencies, room, eventIds, from),
    fetchMissingEvents: (room, earliest, latest, from) =>
      fetchMissingEvents(dependencies, room, earliest, latest, from),
    fetchStateBefore: (room, eventId, from) => fetchStateBefore(dependencies, room, eventId, from),
    fetchStateAfter: (room, eventId, from) => fetchStateAfter(dependencies, room, eventId, from),
  }
}
