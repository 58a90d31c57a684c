import type { JsonObject } from '../../../../protocol/json/value.ts'

export type Preset = 'private_chat' | 'public_chat' | 'trusted_private_chat'

/** One entry of `initial_state`. */
export interface InitialState {
  readonly type: string
  readonly stateKey: string
  readonly content: JsonObject
}

/** What a user wants of a new room (client-server API, `POST /createRoom`). */
export interface RoomWish {
  /** The configured one when undefined. */
  readonly version: string | undefined
  readonly preset: Preset
  readonly creationContent: JsonObject
  readonly powerLevelOverride: JsonObject
  readonly initialState: readonly InitialState[]
  readonly aliasLocalpart: string | undefined
  readonly name: string | undefined
  readonly topic: string | undefined
  readonly invite: readonly string[]
  readonly isDirect: boolean
}
