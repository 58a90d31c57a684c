import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'

export interface KeyOperations {
  /**
   * One-time keys of users' devices (`POST /_matrix/federation/v1/user/keys/claim`).
   *
   * @param wanted algorithms by user and device.
   * @returns the answer, of which nothing has been checked.
   */
  claimUserKeys(
    destination: string,
    wanted: ReadonlyMap<string, ReadonlyMap<string, string>>,
    timeoutMs: number,
  ): Promise<JsonObject>
}

export function keyOperations(transport: FederationTransport): KeyOperations {
  return {
    claimUserKeys: (destination, wanted, timeoutMs) =>
      transport.request(destination, {
        method: 'POST',
        target: '/_matrix/federation/v1/user/keys/claim',
        body: {
          one_time_keys: Object.fromEntries(
            Array.from(wanted, ([userId, devices]) => [userId, Object.fromEntries(devices)]),
          ),
        },
        timeoutMs,
      }),
  }
}
