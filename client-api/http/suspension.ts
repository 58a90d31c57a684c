/** Requests that change something and that suspended users may make all the same, by method and declared path. */
const ALLOWED: readonly (readonly [method: string, pattern: RegExp])[] = [
  // Reading, in the form of a POST.
  ['POST', /\/(sync|search|publicRooms|query)$/],
  ['POST', /\/user\/:userId\/filter$/],
  ['POST', /\/receipt\/:receiptType\/:eventId$|\/read_markers$/],
  // Verifying devices, with their cross-signing data and key backup.
  ['POST', /\/keys\/(upload|claim|device_signing\/upload|signatures\/upload)$/],
  ['PUT', /\/sendToDevice\/|\/room_keys\/|\/dehydrated_device/],
  ['POST', /\/room_keys\/|\/dehydrated_device/],
  ['DELETE', /\/room_keys\/|\/dehydrated_device/],
  ['PUT', /\/account_data\/|\/tags\/|\/pushrules\//],
  ['DELETE', /\/account_data\/|\/tags\/|\/pushrules\//],
  ['POST', /\/pushers\/set$/],
  // Leaving.
  ['POST', /\/rooms\/:roomId\/(leave|forget)$/],
  // Redacting: whose event it is, the endpoint checks.
  ['PUT', /\/rooms\/:roomId\/redact\/:eventId\/:txnId$/],
  ['POST', /\/(logout|logout\/all|delete_devices|account\/deactivate|account\/password)$/],
  ['POST', /\/login\/get_token$/],
  ['PUT', /\/devices\/:deviceId$/],
  ['DELETE', /\/devices\/:deviceId$/],
  ['POST', /\/report(\/:eventId)?$/],
]

/**
 * Whether an endpoint is open to suspended users (client-server API, "Account suspension"): reading is, and of what
 * changes something what is listed here, so that an endpoint that nobody thought of is closed.
 *
 * @param pattern the declared path.
 */
export function isOpenToSuspended(method: string, pattern: string): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  return ALLOWED.some(([allowed, path]) => allowed === method && path.test(pattern))
}
