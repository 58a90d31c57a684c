import type { Session } from '../../homeserver/accounts/sessions.ts'
import { shownEvent } from '../../homeserver/history/event-text.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { readJoinedMembers, readMembers } from '../../homeserver/rooms/reading/read-members.ts'
import { parseToken } from '../../homeserver/sync/tokens.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { ClientApiContext } from '../context.ts'
import { clientEventsTextOf } from './client-events.ts'
import { roomIdOf } from './room-id-of.ts'

/** `GET /rooms/{roomId}/members`. */
export function getMembers({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const at = request.query('at')
    const members = readMembers(rooms.services, session, roomIdOf(request), {
      at: at === undefined || at === '' ? undefined : parseToken(at, 'at'),
      membership: request.query('membership'),
      notMembership: request.query('not_membership'),
    })
    return jsonText(`{"chunk":${await clientEventsTextOf(members)}}`)
  }
}

/** `GET /rooms/{roomId}/joined_members`. */
export function getJoinedMembers({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const members: string[] = []
    for await (const page of readJoinedMembers(rooms.services, session, roomIdOf(request)))
      members.push(...page.map(joinedMemberText))
    return jsonText(`{"joined":{${members.join(',')}}}`)
  }
}

function joinedMemberText(stored: StoredEvent): string {
  const { stateKey, content } = shownEvent(stored)
  const name = ownValue(content, 'displayname')
  const avatar = ownValue(content, 'avatar_url')
  const profile = {
    display_name: typeof name === 'string' ? name : null,
    avatar_url: typeof avatar === 'string' ? avatar : null,
  }
  return `${JSON.stringify(stateKey)}:${JSON.stringify(profile)}`
}
