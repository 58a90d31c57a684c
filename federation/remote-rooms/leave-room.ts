import type { RemoteMembership } from '../../homeserver/rooms/remote-servers.ts'
import { buildFromTemplate, type WantedMembership } from './build-from-template.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'

/**
 * Leaves a room that this server is not in, to turn down an invite or take back a knock (server-server API,
 * "Leaving Rooms").
 *
 * @throws FederationRequestError, UnusableAnswerError
 */
export async function leaveRoom(
  { client, signer, now }: RemoteRoomDependencies,
  server: string,
  wanted: WantedMembership,
): Promise<RemoteMembership> {
  const template = await client.makeLeave(server, wanted.roomId, wanted.userId)
  const event = buildFromTemplate(wanted, template, signer, now())
  await client.sendLeave(server, wanted.roomId, event.eventId, event.pdu)
  return { version: event.version.id, event, strippedState: [] }
}
