import { isJsonObject, ownValue } from '../json/value.ts'
import type { JsonObject } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { stateTuple } from '../state/state-map.ts'

/** What decides which auth events an event has. `stateKey` is undefined for an event that is not state. */
export interface AuthSubject {
  readonly type: string
  readonly sender: string
  readonly stateKey: string | undefined
  readonly content: JsonObject
}

export interface AuthPlace {
  readonly type: string
  readonly stateKey: string
}

/**
 * The places of the room's state whose events authorise `event` and no others: each of them that exists
 * belongs into its `auth_events`. Source: server-server API, "Auth events selection".
 *
 * @returns places without repetition; empty for the create event.
 */
export function authEventTuples(version: RoomVersionRules, event: AuthSubject): AuthPlace[] {
  if (event.type === 'm.room.create') return []

  const places = new Map<string, AuthPlace>()
  const select = (type: string, stateKey: string) =>
    places.set(stateTuple(type, stateKey), { type, stateKey })

  if (!version.roomIdIsCreateHash) select('m.room.create', '')
  select('m.room.power_levels', '')
  select('m.room.member', event.sender)

  if (event.type === 'm.room.member') {
    const membership = ownValue(event.content, 'membership')
    if (event.stateKey !== undefined) select('m.room.member', event.stateKey)

    if (membership === 'join' || membership === 'invite' || membership === 'knock') {
      select('m.room.join_rules', '')
    }
    if (membership === 'invite') {
      const token = thirdPartyToken(event.content)
      if (token !== undefined) select('m.room.third_party_invite', token)
    }
    if (membership === 'join' && version.restrictedJoins) {
      const authoriser = ownValue(event.content, 'join_authorised_via_users_server')
      if (typeof authoriser === 'string') select('m.room.member', authoriser)
    }
  }
  return [...places.values()]
}

function thirdPartyToken(content: JsonObject): string | undefined {
  const invite = ownValue(content, 'third_party_invite')
  const signed = isJsonObject(invite) ? ownValue(invite, 'signed') : undefined
  const token = isJsonObject(signed) ? ownValue(signed, 'token') : undefined
  return typeof token === 'string' ? token : undefined
}
