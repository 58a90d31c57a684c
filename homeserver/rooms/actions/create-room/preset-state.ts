import type { RoomsConfig } from '../../../config/sections/rooms.ts'
import type { InitialState, Preset } from './room-wish.ts'

/** Guest access stays unset where it is `forbidden`, which is what its absence means ("Guest access"). */
const PRESETS: Readonly<Record<Preset, { joinRule: string; guestAccess: 'can_join' | undefined }>> = {
  private_chat: { joinRule: 'invite', guestAccess: 'can_join' },
  trusted_private_chat: { joinRule: 'invite', guestAccess: 'can_join' },
  public_chat: { joinRule: 'public', guestAccess: undefined },
}

/** The state that a preset sets, and the encryption that this server's administrators want new rooms to have. */
export function presetState(preset: Preset, encrypt: RoomsConfig['encryptByDefault']): InitialState[] {
  const { joinRule, guestAccess } = PRESETS[preset]
  const encrypted = encrypt === 'all' || (encrypt === 'invite' && preset !== 'public_chat')
  return [
    { type: 'm.room.join_rules', stateKey: '', content: { join_rule: joinRule } },
    { type: 'm.room.history_visibility', stateKey: '', content: { history_visibility: 'shared' } },
    ...(guestAccess
      ? [{ type: 'm.room.guest_access', stateKey: '', content: { guest_access: guestAccess } }]
      : []),
    ...(encrypted
      ? [{ type: 'm.room.encryption', stateKey: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }]
      : []),
  ]
}
