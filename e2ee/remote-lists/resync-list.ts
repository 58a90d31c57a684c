import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import {
  deleteRemoteList,
  markStale,
  replaceRemoteLists,
  sharedSince,
} from '../../storage/e2ee/remote-device-lists.ts'
import { MAX_REMOTE_DEVICES } from '../device-lists/device-list-limits.ts'
import { remoteCrossSigningKey, remoteDeviceKeys } from './remote-key-shape.ts'
import type { RemoteListServices, ToldDevices } from './remote-list-services.ts'
import { storedKeyText } from './stored-key.ts'

/**
 * Asks for a user's devices and keeps a copy, or drops the one there is when the user shares no room with anybody here.
 * After something was missed, whoever shares a room with the user is told to look again.
 *
 * @param touched the users of whom a change has been told meanwhile; it grows.
 * @throws the reason why their server gave nothing.
 */
export async function resyncList(
  services: RemoteListServices,
  userId: string,
  touched: ReadonlySet<string>,
): Promise<void> {
  const { queries, interner, committer, peers } = services
  const userNid = await interner.findUserNid(userId)
  if (userNid === undefined) return
  const shared = await sharedSince(queries, [userNid])
  if (!shared.has(userNid)) return deleteRemoteList(queries, userNid)
  const fetchedPos = committer.head
  const told = await peers.getUserDevices(serverOf(userId), userId)
  const master = remoteCrossSigningKey(told.masterKey, 'master', userId)
  const selfSigning = remoteCrossSigningKey(told.selfSigningKey, 'self_signing', userId)
  const list = {
    userNid,
    streamId: told.streamId,
    fetchedPos,
    masterKey: master ? storedKeyText(master) : null,
    selfSigningKey: selfSigning ? storedKeyText(selfSigning) : null,
    devices: keysByDevice(told, userId),
  }
  const wasStale = (await replaceRemoteLists(queries, [list])).has(userNid)
  if (touched.has(userId)) {
    await markStale(queries, [userNid])
    await services.scheduleResync(userId)
  }
  if (wasStale) await noteDeviceListChange(committer, userNid, undefined)
}

function keysByDevice({ devices }: ToldDevices, userId: string): Map<string, string> {
  const keys = devices.slice(0, MAX_REMOTE_DEVICES).flatMap(({ deviceId, displayName, keys }) => {
    const key = remoteDeviceKeys(keys, { userId, deviceId }, displayName)
    return key ? [[deviceId, storedKeyText(key)] as const] : []
  })
  return new Map(keys)
}
