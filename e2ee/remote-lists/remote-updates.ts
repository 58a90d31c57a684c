import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import {
  cameToUs,
  changeRemoteCrossSigning,
  changeRemoteDevice,
  sharedSince,
} from '../../storage/e2ee/remote-device-lists.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { PendingFetches } from './pending-fetches.ts'
import { isDeviceId, remoteCrossSigningKey, remoteDeviceKeys } from './remote-key-shape.ts'
import type { RemoteListServices } from './remote-list-services.ts'
import { storedKeyText } from './stored-key.ts'

/** `m.device_list_update`, its types checked. */
export interface ToldDeviceUpdate {
  readonly userId: string
  readonly deviceId: string
  readonly streamId: number
  /** Numbers of changes that come before it. */
  readonly previous: readonly number[]
  readonly deleted: boolean
  readonly displayName: string | undefined
  readonly keys: JsonObject | undefined
}

/** `m.signing_key_update`, its types checked. */
export interface ToldSigningKeys {
  readonly userId: string
  readonly masterKey: JsonObject | undefined
  readonly selfSigningKey: JsonObject | undefined
}

/** Takes in what other servers say of their users' devices (server-server API, "Device Management"). */
export class RemoteListUpdates {
  readonly #services: RemoteListServices
  readonly #pending: PendingFetches

  constructor(services: RemoteListServices, pending: PendingFetches) {
    this.#services = services
    this.#pending = pending
  }

  /** A device has changed. Ignored from a server that is not the user's, and for users who share no room with us. */
  async deviceUpdated(origin: string, update: ToldDeviceUpdate): Promise<void> {
    const { queries, committer } = this.#services
    const { userId, deviceId, streamId, previous } = update
    if (!isDeviceId(deviceId)) return
    const userNid = await this.#sharingUser(origin, userId)
    if (userNid === undefined) return
    this.#pending.touch(userId)
    const key = update.deleted ? undefined : remoteDeviceKeys(update.keys, update, update.displayName)
    const outcome = await changeRemoteDevice(queries, {
      userNid,
      deviceId,
      streamId,
      previous: previous.length === 0 ? undefined : Math.max(...previous),
      keys: key && storedKeyText(key),
    })
    if (outcome === 'stale') await this.#services.scheduleResync(userId)
    // Whoever shares a room with the user was told to look when the user came there, and nobody has looked since.
    const isIntroduction =
      outcome === 'unknown' && previous.length === 0 && (await cameToUs(queries, userNid))
    if (!isIntroduction) await noteDeviceListChange(committer, userNid, deviceId)
  }

  /** Cross-signing keys have changed. */
  async signingKeysUpdated(origin: string, update: ToldSigningKeys): Promise<void> {
    const { queries, committer } = this.#services
    const { userId } = update
    const userNid = await this.#sharingUser(origin, userId)
    if (userNid === undefined) return
    this.#pending.touch(userId)
    const master = remoteCrossSigningKey(update.masterKey, 'master', userId)
    const selfSigning = remoteCrossSigningKey(update.selfSigningKey, 'self_signing', userId)
    await changeRemoteCrossSigning(queries, userNid, {
      master: master && storedKeyText(master),
      selfSigning: selfSigning && storedKeyText(selfSigning),
    })
    await noteDeviceListChange(committer, userNid, undefined)
  }

  async #sharingUser(origin: string, userId: string): Promise<UserNid | undefined> {
    if (serverOf(userId) !== origin) return undefined
    const { queries, interner } = this.#services
    // Noted all the same: it is told again when it is known who is in the room.
    if (this.#services.maySharePartly(origin)) return interner.userNid(userId)
    const userNid = await interner.findUserNid(userId)
    if (userNid === undefined) return undefined
    return (await sharedSince(queries, [userNid])).has(userNid) ? userNid : undefined
  }
}
