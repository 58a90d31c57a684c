import type { RoomEvent } from '../events/room-event.ts'
import { isUserId } from '../identifiers/user-id.ts'
import { ALLOWED, allowIf, rejected, type AuthResult } from './auth-result.ts'
import type { PowerLevels } from './power-levels.ts'

/**
 * The user whom a state key of the form `@user:server` or `@user:server_suffix` belongs to (MSC3757): server names
 * have no underscores. Undefined for one that begins with `@` and has neither form.
 */
export function ownerOfStateKey(stateKey: string): string | undefined {
  const suffix = stateKey.indexOf('_', stateKey.indexOf(':', 1) + 1)
  const owner = suffix < 0 ? stateKey : stateKey.slice(0, suffix)
  return isUserId(owner) ? owner : undefined
}

/** Who may set state whose key begins with `@`; in rooms with owned state also those above its owner. */
export function checkOwnedState({ stateKey, sender, version }: RoomEvent, levels: PowerLevels): AuthResult {
  if (!stateKey?.startsWith('@') || stateKey === sender) return ALLOWED
  if (!version.ownedState) return rejected('State that is keyed by a user is for that user to set.')
  const owner = ownerOfStateKey(stateKey)
  if (owner === undefined) return rejected('The state key begins with @ and with no user id.')
  return allowIf(
    owner === sender || levels.powerOf(sender) > levels.powerOf(owner),
    'State that a user owns is for that user to set, and for those above.',
  )
}
