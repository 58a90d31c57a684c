import type { RoomEvent } from '../events/room-event.ts'
import { serverOf } from '../identifiers/user-id.ts'
import { allowIf, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'

/** Rule 4 of versions 1 to 5: each server keeps the aliases that it gave to the room, member or not. */
export function checkAliases(event: RoomEvent): AuthResult {
  if (event.stateKey === undefined) return rejected('An aliases event needs a state key.')
  return allowIf(
    serverOf(event.sender) === event.stateKey,
    'The aliases of another server cannot be changed.',
  )
}
