/**
 * The device under which something of a session is kept. Who acts without a device, as only application services do,
 * shares the empty id, which no device has.
 */
export function deviceScope(deviceId: string | undefined): string {
  return deviceId ?? ''
}
