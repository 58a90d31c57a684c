import { serverOf } from '../../protocol/identifiers/user-id.ts'
import {
  markStale,
  remoteLists,
  replaceRemoteLists,
  sharedSince,
  UNKNOWN_STREAM_ID,
  type RemoteDeviceList,
} from '../../storage/e2ee/remote-device-lists.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import { MAX_USERS_A_REQUEST } from '../device-lists/device-list-limits.ts'
import type { FoundKeys, RemoteKeys, ServerFailure, UserKeys, WantedDevices } from '../keys/user-keys.ts'
import { PendingFetches } from './pending-fetches.ts'
import { readQueryAnswer } from './query-answer.ts'
import type { RemoteListServices } from './remote-list-services.ts'
import { RemoteListUpdates } from './remote-updates.ts'
import { resyncList } from './resync-list.ts'
import { storedKeyOf, storedKeyText } from './stored-key.ts'

/**
 * Keys of users of other servers. Of who shares a room with us a copy is kept, because their server tells of every
 * change; a copy counts while the sharing has lasted since before it was fetched, so that none need be dropped in time.
 */
export class RemoteDeviceLists implements RemoteKeys {
  readonly updates: RemoteListUpdates
  readonly #services: RemoteListServices
  readonly #pending = new PendingFetches()

  constructor(services: RemoteListServices) {
    this.#services = services
    this.updates = new RemoteListUpdates(services, this.#pending)
  }

  async query(wanted: WantedDevices, timeoutMs: number): Promise<FoundKeys> {
    const { queries, interner, committer } = this.#services
    const userNids = await interner.findUserNids(wanted.keys())
    const head = committer.head
    const shared = await sharedSince(queries, [...userNids.values()])
    const copies = new Map<string, UserKeys>()
    const userIds = new Map(Array.from(userNids, ([userId, userNid]) => [userNid, userId]))
    for (const list of await remoteLists(queries, [...shared.keys()])) {
      if (isAfter(shared.get(list.userNid)!, list.fetchedPos)) continue
      const userId = userIds.get(list.userNid)!
      copies.set(userId, keysOf(list, wanted.get(userId)!))
    }
    const missing = new Map([...wanted].filter(([userId]) => !copies.has(userId)))
    if (missing.size === 0) return { users: copies, failures: new Map() }
    return this.#pending.during(missing.keys(), async (touched) => {
      const { users, failures } = await this.#ask(missing, timeoutMs)
      const whole = [...users].flatMap(([userId, keys]) => {
        const userNid = userNids.get(userId)
        const isKept = userNid !== undefined && shared.has(userNid) && missing.get(userId)!.length === 0
        return isKept ? [{ userId, list: copyOf(userNid, keys, head) }] : []
      })
      await replaceRemoteLists(
        queries,
        whole.map(({ list }) => list),
      )
      const doubtful = whole.filter(({ userId }) => touched.has(userId)).map(({ list }) => list.userNid)
      if (doubtful.length > 0) await markStale(queries, doubtful)
      return { users: new Map([...copies, ...users]), failures }
    })
  }

  /** Fetches a user's list anew; the work of the scheduled job. @throws the reason why nothing came. */
  resync(userId: string): Promise<void> {
    return this.#pending.during([userId], (touched) => resyncList(this.#services, userId, touched))
  }

  async #ask(wanted: WantedDevices, timeoutMs: number): Promise<FoundKeys> {
    const { peers } = this.#services
    const users = new Map<string, UserKeys>()
    const failures = new Map<string, ServerFailure>()
    const asking = requestsOf(wanted).map(async ([serverName, ofServer]) => {
      try {
        const answer = await peers.queryUserKeys(serverName, ofServer, timeoutMs)
        for (const [userId, keys] of readQueryAnswer(answer, ofServer)) users.set(userId, keys)
      } catch (error) {
        failures.set(serverName, peers.failureOf(error))
      }
    })
    await Promise.all(asking)
    return { users, failures }
  }
}

function copyOf(userNid: UserNid, keys: UserKeys, fetchedPos: StreamPosition): RemoteDeviceList {
  const { devices, master, selfSigning } = keys
  return {
    userNid,
    streamId: UNKNOWN_STREAM_ID,
    fetchedPos,
    masterKey: master ? storedKeyText(master) : null,
    selfSigningKey: selfSigning ? storedKeyText(selfSigning) : null,
    devices: new Map(Array.from(devices, ([deviceId, key]) => [deviceId, storedKeyText(key)])),
  }
}

function requestsOf(wanted: WantedDevices): [string, WantedDevices][] {
  const byServer = Map.groupBy(wanted, ([userId]) => serverOf(userId))
  return [...byServer].flatMap(([serverName, entries]) => {
    const requests: [string, WantedDevices][] = []
    for (let from = 0; from < entries.length; from += MAX_USERS_A_REQUEST) {
      requests.push([serverName, new Map(entries.slice(from, from + MAX_USERS_A_REQUEST))])
    }
    return requests
  })
}

function keysOf(list: RemoteDeviceList, wanted: readonly string[]): UserKeys {
  const only = wanted.length > 0 ? new Set(wanted) : undefined
  const devices = [...list.devices].filter(([deviceId]) => !only || only.has(deviceId))
  return {
    devices: new Map(devices.map(([deviceId, keys]) => [deviceId, storedKeyOf(keys)])),
    master: list.masterKey === null ? undefined : storedKeyOf(list.masterKey),
    selfSigning: list.selfSigningKey === null ? undefined : storedKeyOf(list.selfSigningKey),
  }
}
