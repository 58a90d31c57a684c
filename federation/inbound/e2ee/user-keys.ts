import { claimedText, claimLocalKeys, readWantedOneTimeKeys } from '../../../e2ee/keys/claim-keys.ts'
import {
  crossSigningText,
  extraSignatures,
  keyAnswerText,
  member,
  objectText,
} from '../../../e2ee/keys/key-answer.ts'
import type { KeyServices } from '../../../e2ee/keys/key-services.ts'
import { localKeys } from '../../../e2ee/keys/local-keys.ts'
import { readWantedDevices } from '../../../e2ee/keys/query-keys.ts'
import { signedKeyText } from '../../../e2ee/keys/signed-key.ts'
import { jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { RateLimits } from '../../../homeserver/rate-limits/rate-limits.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { deviceListStreamId } from '../../../storage/e2ee/device-list-reader.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/** What the routes of keys work with. */
export interface UserKeyRoutesOptions {
  readonly keys: KeyServices
  /** Whether other servers are told the names of devices. */
  readonly showDeviceNames: boolean
}

/** The keys of this server's users (server-server API, "End-to-End Encryption" and "Device Management"). */
export function userKeyRoutes(
  gate: RequestGate,
  { keys, showDeviceNames: showNames }: UserKeyRoutesOptions,
  limits: Pick<RateLimits, 'keyRequests'>,
): Routes {
  const isOurs = (userId: string): boolean => serverOf(userId) === keys.serverName
  const routes = declareRoutes()
  routes.post(
    '/_matrix/federation/v1/user/keys/query',
    signedEndpoint(gate, async (request, { origin }) => {
      limits.keyRequests.consume(`keys ${origin}`)
      const wanted = readWantedDevices(await request.object())
      const ours = new Map([...wanted].filter(([userId]) => isOurs(userId)))
      const users = await localKeys(keys, ours, { showNames })
      return jsonText(await keyAnswerText(keys, users, undefined, undefined))
    }),
  )
  routes.post(
    '/_matrix/federation/v1/user/keys/claim',
    signedEndpoint(gate, async (request, { origin }) => {
      limits.keyRequests.consume(`keys ${origin}`)
      const wanted = readWantedOneTimeKeys(await request.object())
      const ours = new Map([...wanted].filter(([userId]) => isOurs(userId)))
      return jsonText(objectText([member('one_time_keys', claimedText(await claimLocalKeys(keys, ours)))]))
    }),
  )
  routes.get(
    '/_matrix/federation/v1/user/devices/:userId',
    signedEndpoint(gate, async (request, { origin }) => {
      limits.keyRequests.consume(`keys ${origin}`)
      return jsonText(await deviceListText(keys, request.param('userId'), showNames))
    }),
  )
  return routes
}

async function deviceListText(keys: KeyServices, userId: string, showNames: boolean): Promise<string> {
  const userNid = serverOf(userId) === keys.serverName ? await keys.interner.findUserNid(userId) : undefined
  if (userNid === undefined) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such user here')
  // Read first: a change in between is then told once more rather than never.
  const streamId = await deviceListStreamId(keys.queries, userNid)
  const user = (await localKeys(keys, new Map([[userId, []]]), { showNames })).get(userId)
  const extra = (await extraSignatures(keys, [userId], undefined)).get(userId)
  const devices = Array.from(user?.devices ?? [], ([deviceId, { unsigned = '{}', ...key }]) => {
    const name = unsigned === '{}' ? [] : [unsigned.slice(1, -1)]
    const text = signedKeyText(key, extra?.get(deviceId))
    return objectText([member('device_id', JSON.stringify(deviceId)), member('keys', text), ...name])
  })
  const { master, selfSigning } = user ?? {}
  return objectText([
    member('user_id', JSON.stringify(userId)),
    member('stream_id', String(streamId)),
    member('devices', `[${devices.join(',')}]`),
    ...(master ? [member('master_key', crossSigningText(master, extra))] : []),
    ...(selfSigning ? [member('self_signing_key', crossSigningText(selfSigning, extra))] : []),
  ])
}
