import type { RemoteMembership } from '../../homeserver/rooms/remote-servers.ts'
import { readStrippedState } from '../../protocol/events/stripped-state.ts'
import { ROOM_VERSIONS } from '../../protocol/room-versions/room-versions.ts'
import { buildFromTemplate, type WantedMembership } from './build-from-template.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { UnusableAnswerError } from './try-servers.ts'

const KNOCKING_VERSIONS = [...ROOM_VERSIONS.values()].filter(({ knocking }) => knocking).map(({ id }) => id)

/**
 * Knocks on a room through one resident server (server-server API, "Knocking upon a room").
 *
 * @throws FederationRequestError, UnusableAnswerError
 */
export async function knockOnRoom(
  { client, signer, now }: RemoteRoomDependencies,
  server: string,
  wanted: WantedMembership,
): Promise<RemoteMembership> {
  const template = await client.makeKnock(server, wanted.roomId, wanted.userId, KNOCKING_VERSIONS)
  const event = buildFromTemplate(wanted, template, signer, now())
  if (!event.version.knocking) throw new UnusableAnswerError('nobody can knock in rooms of its version')
  const told = await client.sendKnock(server, wanted.roomId, event.eventId, event.pdu)
  return { version: event.version.id, event, strippedState: readStrippedState([...told]) }
}
