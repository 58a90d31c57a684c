import { stateTuple } from '../../../../protocol/state/state-map.ts'
import type { JsonObject } from '../../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import type { RoomsConfig } from '../../../config/sections/rooms.ts'
import type { EventDraft } from '../../event-draft.ts'
import { defaultPowerLevels } from './default-power-levels.ts'
import { presetState } from './preset-state.ts'
import type { InitialState, RoomWish } from './room-wish.ts'

/** What the drafts are made of besides the wish. */
export interface Opening {
  readonly version: RoomVersionRules
  readonly creator: string
  /** Profile part of the creator's membership event. */
  readonly profile: JsonObject
  readonly alias: string | undefined
  readonly encryptByDefault: RoomsConfig['encryptByDefault']
}

/** The events that follow a room's create event, in the order that the specification asks for, without the invites. */
export function openingDrafts(opening: Opening, wish: RoomWish): EventDraft[] {
  const { version, creator, profile, alias } = opening
  const named = namedState(wish)
  const explicit = new Set([...wish.initialState, ...named].map(placeOf))
  const initial = wish.initialState.filter((state) => !named.some((n) => placeOf(n) === placeOf(state)))
  const preset = presetState(wish.preset, opening.encryptByDefault)
  const states: InitialState[] = [
    { type: 'm.room.member', stateKey: creator, content: { ...profile, membership: 'join' } },
    { type: 'm.room.power_levels', stateKey: '', content: defaultPowerLevels(version, creator, wish) },
    ...(alias === undefined ? [] : [{ type: 'm.room.canonical_alias', stateKey: '', content: { alias } }]),
    ...preset.filter((state) => !explicit.has(placeOf(state))),
    ...initial,
    ...named,
  ]
  return states.map((state) => ({ ...state, sender: creator }))
}

/** Source: `m.room.name`; `m.room.topic`, whose text stands in the content twice for clients of any age. */
function namedState({ name, topic }: RoomWish): InitialState[] {
  return [
    ...(name === undefined ? [] : [{ type: 'm.room.name', stateKey: '', content: { name } }]),
    ...(topic === undefined
      ? []
      : [
          {
            type: 'm.room.topic',
            stateKey: '',
            content: { topic, 'm.topic': { 'm.text': [{ body: topic, mimetype: 'text/plain' }] } },
          },
        ]),
  ]
}

function placeOf({ type, stateKey }: InitialState): string {
  return stateTuple(type, stateKey)
}
