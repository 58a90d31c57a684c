import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { target } from './target.ts'

/** A device as its server tells of it; nothing in it has been checked. */
export interface RemoteDevice {
  readonly deviceId: string
  readonly displayName: string | undefined
  readonly keys: JsonObject | undefined
}

/** A user's devices as their server tells of them. */
export interface RemoteDevices {
  /** The number of the last change that is in it. */
  readonly streamId: number
  readonly devices: readonly RemoteDevice[]
  readonly masterKey: JsonObject | undefined
  readonly selfSigningKey: JsonObject | undefined
}

export interface DeviceListOperations {
  /** A user's devices (`GET /_matrix/federation/v1/user/devices/{userId}`). */
  getUserDevices(destination: string, userId: string): Promise<RemoteDevices>
  /**
   * Keys of users (`POST /_matrix/federation/v1/user/keys/query`).
   *
   * @param wanted by user the devices wanted; an empty list is all of them.
   * @returns the answer, of which nothing has been checked.
   */
  queryUserKeys(
    destination: string,
    wanted: ReadonlyMap<string, readonly string[]>,
    timeoutMs: number,
  ): Promise<JsonObject>
}

/** Devices of one user; the answer's bytes bound it closer where keys are large. */
const MAX_DEVICES = 10_000

export function deviceListOperations(transport: FederationTransport): DeviceListOperations {
  return {
    async getUserDevices(destination, userId) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/user/devices', [userId]),
      })
      const read = new Answer(destination, answer)
      const streamId = read.optionalInteger('stream_id')
      if (streamId === undefined || read.string('user_id') !== userId) {
        throw new FederationRequestError(destination, 'bad-answer', 'the devices are not those of the user')
      }
      const [masterKey, selfSigningKey] = ['master_key', 'self_signing_key'].map((key) => {
        const value = read.value(key)
        return isJsonObject(value) ? value : undefined
      })
      return {
        streamId,
        devices: read.objects('devices', MAX_DEVICES).flatMap((device) => deviceOf(device)),
        masterKey,
        selfSigningKey,
      }
    },

    queryUserKeys: (destination, wanted, timeoutMs) =>
      transport.request(destination, {
        method: 'POST',
        target: '/_matrix/federation/v1/user/keys/query',
        body: {
          device_keys: Object.fromEntries(Array.from(wanted, ([userId, devices]) => [userId, [...devices]])),
        },
        timeoutMs,
      }),
  }
}

function deviceOf(device: JsonObject): RemoteDevice[] {
  const deviceId = ownValue(device, 'device_id')
  if (typeof deviceId !== 'string') return []
  const name = ownValue(device, 'device_display_name')
  const keys = ownValue(device, 'keys')
  return [
    {
      deviceId,
      displayName: typeof name === 'string' ? name : undefined,
      keys: isJsonObject(keys) ? keys : undefined,
    },
  ]
}
