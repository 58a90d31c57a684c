import { creatorsOf } from '../../../../protocol/auth-rules/creators.ts'
import type { RoomEvent } from '../../../../protocol/events/room-event.ts'
import { canonicalJson } from '../../../../protocol/json/canonical.ts'
import type { JsonObject } from '../../../../protocol/json/value.ts'
import type { EventDraft } from '../../event-draft.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { RoomServices } from '../../room-services.ts'
import type { Actor } from '../actor.ts'
import { createEventOf } from '../create-event-of.ts'
import { defaultPowerLevels } from '../create-room/default-power-levels.ts'
import type { InitialState } from '../create-room/room-wish.ts'
import { memberProfile } from '../member-profile.ts'
import { newestState } from '../state-at.ts'
import { raisedPowerLevels, successorPowerLevels, type Creators } from './successor-power-levels.ts'
import { transferredBans, transferredState } from './transferred-state.ts'

/**
 * The events that follow the create event of a room that replaces another. Where the user has too little power in it
 * to write them, they have more until all is written.
 */
export async function successorDrafts(
  services: RoomServices,
  user: Actor,
  room: OpenRoom,
  createEvent: RoomEvent,
): Promise<EventDraft[]> {
  const { version } = createEvent
  const levels = await levelsAfter(room, user, createEvent)
  const first = version.privilegedCreators ? levels : raisedPowerLevels(levels, user.userId)
  const last = canonicalJson(first) === canonicalJson(levels) ? [] : [powerLevels(levels)]
  const profile = await memberProfile(services.queries, user.userNid)
  const states: InitialState[] = [
    { type: 'm.room.member', stateKey: user.userId, content: { ...profile, membership: 'join' } },
    powerLevels(first),
    ...(await transferredState(services, room, version)),
    ...(await transferredBans(services, room)),
    ...last,
  ]
  return states.map((state) => ({ ...state, sender: user.userId }))
}

async function levelsAfter(room: OpenRoom, user: Actor, createEvent: RoomEvent): Promise<JsonObject> {
  const old = (await newestState(room, [['m.room.power_levels']]))('m.room.power_levels')
  const oldCreate = await createEventOf(room)
  const before = oldCreate ? creators(oldCreate) : { ids: [], privileged: false }
  const wish = { preset: 'private_chat', invite: [], powerLevelOverride: {} } as const
  const content = old?.content ?? defaultPowerLevels(createEvent.version, user.userId, wish)
  return successorPowerLevels(content, before, creators(createEvent))
}

function creators(create: RoomEvent): Creators {
  return { ids: creatorsOf(create), privileged: create.version.privilegedCreators }
}

function powerLevels(content: JsonObject): InitialState {
  return { type: 'm.room.power_levels', stateKey: '', content }
}
