import type { DeviceLists } from '../../../e2ee/device-lists/device-lists.ts'
import type { AccountListener } from '../../accounts/account-listener.ts'

/** Tells others of devices that got another name or are gone. */
export function deviceListAccountListener(lists: Pick<DeviceLists, 'note'>): AccountListener {
  return {
    deviceRenamed: async ({ userNid }, deviceId) => void (await lists.note(userNid, deviceId)),
    devicesDeleted: async ({ userNid }, deviceIds) =>
      void (await Promise.all(deviceIds.map((deviceId) => lists.note(userNid, deviceId)))),
  }
}
