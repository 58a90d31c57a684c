import type { Device } from '../../storage/accounts/device-reader.ts'

/** A device as its owner sees it (client-server API, "Device Management"). */
export function deviceJson(device: Device): object {
  return {
    device_id: device.deviceId,
    ...(device.displayName !== null && { display_name: device.displayName }),
    ...(device.lastSeenTs !== null && { last_seen_ts: device.lastSeenTs }),
    ...(device.lastSeenIp !== null && { last_seen_ip: device.lastSeenIp }),
  }
}
