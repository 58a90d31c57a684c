import type { DeviceLists } from '../../../e2ee/device-lists/device-lists.ts'
import type { AccountListener } from '../../accounts/account-listener.ts'

/** Tells others of devices that are gone. */
export function deviceListAccountListener(lists: Pick<DeviceLists, 'note'>): AccountListener {
  return {
    devicesDeleted: async ({ userNid }, deviceIds) =>
      void (await Promise.all(deviceIds.map((deviceId) => lists.note(userNid, deviceId)))),
  }
}
