import { checkDeviceWish, type DeviceWish } from '../../homeserver/accounts/start-session.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { optionalFlag, optionalText } from './body-fields.ts'

/**
 * What a login or a registration says about its device.
 *
 * @throws MatrixError 400 for an unusable id or name: before anything is done.
 */
export function deviceWishOf(body: JsonObject): DeviceWish {
  const wish = {
    deviceId: optionalText(body, 'device_id'),
    displayName: optionalText(body, 'initial_device_display_name'),
    refreshable: optionalFlag(body, 'refresh_token') ?? false,
  }
  checkDeviceWish(wish)
  return wish
}
