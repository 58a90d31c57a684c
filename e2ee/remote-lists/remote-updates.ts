import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import {
  cameToUs,
  changeRemoteCrossSigning,
  changeRemoteDevice,
  keptLists,
  sharedSince,
  type RemoteDeviceChange,
} from '../../storage/e2ee/remote-device-lists.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { settleAll } from '../../storage/position/settle-all.ts'
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

  /**
   * Devices have changed, in this order. Ignored from a server that is not the user's, and for users who share no room
   * with us. What costs a look at rooms is looked at once for all.
   */
  async devicesUpdated(origin: string, updates: readonly ToldDeviceUpdate[]): Promise<void> {
    const { queries, committer } = this.#services
    const usable = updates.filter(({ deviceId }) => isDeviceId(deviceId))
    const sharing = await this.#sharingUsers(
      origin,
      usable.map(({ userId }) => userId),
    )
    const changes = usable.flatMap((update) => {
      const userNid = sharing.get(update.userId)
      return userNid === undefined ? [] : [{ update, userNid }]
    })
    if (changes.length === 0) return
    for (const { update } of changes) this.#pending.touch(update.userId)
    const userNids = [...new Set(changes.map(({ userNid }) => userNid))]
    const kept = await keptLists(queries, userNids)
    // Whoever shares a room with such a user was told to look when the user came there, and nobody has looked since.
    const newcomers = await cameToUs(
      queries,
      userNids.filter((userNid) => !kept.has(userNid)),
    )
    const byUser = Map.groupBy(changes, ({ userNid }) => userNid)
    await settleAll(
      Array.from(byUser, async ([userNid, ofUser]) => {
        const told = ofUser.map(({ update }) => update)
        if (kept.has(userNid)) await this.#changeCopy(userNid, told)
        const toNote = told.filter(({ previous }) => previous.length > 0 || !newcomers.has(userNid))
        await Promise.all(toNote.map(({ deviceId }) => noteDeviceListChange(committer, userNid, deviceId)))
      }),
    )
  }

  /** Cross-signing keys have changed. */
  async signingKeysUpdated(origin: string, update: ToldSigningKeys): Promise<void> {
    const { queries, committer } = this.#services
    const { userId } = update
    const userNid = (await this.#sharingUsers(origin, [userId])).get(userId)
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

  async #changeCopy(userNid: UserNid, updates: readonly ToldDeviceUpdate[]): Promise<void> {
    let isStale = false
    for (const update of updates) {
      const outcome = await changeRemoteDevice(this.#services.queries, changeOf(update, userNid))
      isStale ||= outcome === 'stale'
    }
    if (isStale) await this.#services.scheduleResync(updates[0]!.userId)
  }

  /** Those users of the server who share a room with us, or may. */
  async #sharingUsers(origin: string, userIds: readonly string[]): Promise<ReadonlyMap<string, UserNid>> {
    const { queries, interner } = this.#services
    const theirs = new Set(userIds.filter((userId) => serverOf(userId) === origin))
    // Noted all the same: it is told again when it is known who is in the room.
    if (this.#services.maySharePartly(origin)) return interner.userNids(theirs)
    const known: ReadonlyMap<string, UserNid> = await interner.findUserNids(theirs)
    const shared = await sharedSince(queries, [...known.values()])
    return new Map([...known].filter(([, userNid]) => shared.has(userNid)))
  }
}

function changeOf(update: ToldDeviceUpdate, userNid: UserNid): RemoteDeviceChange {
  const { deviceId, streamId, previous, deleted, displayName } = update
  const key = deleted ? undefined : remoteDeviceKeys(update.keys, update, displayName)
  return {
    userNid,
    deviceId,
    streamId,
    previous: previous.length === 0 ? undefined : Math.max(...previous),
    keys: key && storedKeyText(key),
  }
}
