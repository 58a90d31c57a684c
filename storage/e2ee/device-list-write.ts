import { renameDevices, type DeviceName } from '../accounts/device-writer.ts'
import type { UserNid } from '../numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Committer } from '../position/committer.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'
import { storeCrossSigningKeys, type StoredCrossSigningKey } from './cross-signing-keys.ts'
import { storeDeviceKeys, type DeviceKeysWrite } from './device-keys.ts'
import { storeKeySignatures, type KeySignature } from './key-signatures.ts'

/** What changes with an entry of the log, and is stored in the same transaction: neither is ever there without the other. */
export interface DeviceListFacts {
  readonly keys?: DeviceKeysWrite
  readonly name?: DeviceName
  readonly crossSigning?: readonly StoredCrossSigningKey[]
  readonly signatures?: readonly KeySignature[]
}

/** A change of what others see of a user's devices. */
export interface DeviceListWrite extends DeviceListFacts {
  readonly userNid: UserNid
  /** Undefined for a change of cross-signing keys or of what they have signed. */
  readonly deviceId: string | undefined
  /** Who alone sees the change; undefined for all. */
  readonly viewerNid: UserNid | undefined
}

/** How the log names the cross-signing keys; no device has an empty id. */
export const CROSS_SIGNING = ''

const insertChanges = rowsStatement<Positioned<DeviceListWrite>>(
  'insert-device-list-changes',
  `INSERT INTO device_list_change (stream_pos, user_nid, device_id, viewer_nid)
   SELECT ${POSITION_SQL}, user_nid, device_id, viewer_nid FROM @rows AS r(user_nid, device_id, viewer_nid, back)`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'text', value: ({ item }) => item.deviceId ?? CROSS_SIGNING },
    { type: 'bigint', value: ({ item }) => item.viewerNid ?? null },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Changes of device lists on their way into the stream. */
export const DEVICE_LIST_CHANGE: StreamWriteKind<DeviceListWrite> = {
  name: 'device-list-change',
  before: (items) => [
    ...renameDevices(items.flatMap(({ name }) => name ?? [])),
    ...storeDeviceKeys(items.flatMap(({ keys }) => keys ?? [])),
    ...storeCrossSigningKeys(items.flatMap(({ crossSigning }) => crossSigning ?? [])),
    ...storeKeySignatures(items.flatMap(({ signatures }) => signatures ?? [])),
  ],
  after: (items) => insertChanges(items),
}

/** The change that a commit listener is told about; undefined for writes of other kinds. */
export function deviceListChangeOf(committed: CommittedWrite): DeviceListWrite | undefined {
  return itemOf(DEVICE_LIST_CHANGE, committed)
}

/**
 * Tells everybody who shares a room with a user that a device (its keys, its name, its end) or, without a device, the
 * cross-signing keys have changed. Resolves after the commit.
 *
 * @param facts what has changed, to be stored with it; left out where it is stored already.
 */
export function noteDeviceListChange(
  committer: Pick<Committer, 'submit'>,
  userNid: UserNid,
  deviceId: string | undefined,
  facts: DeviceListFacts = {},
): Promise<StreamPosition> {
  return committer.submit(DEVICE_LIST_CHANGE, { userNid, deviceId, viewerNid: undefined, ...facts })
}

/**
 * Stores signatures by a user on another one's keys, which nobody else is shown, and tells the signer's devices to look at
 * those keys again. Resolves after the commit.
 */
export function noteSignedKeys(
  committer: Pick<Committer, 'submit'>,
  userNid: UserNid,
  signerNid: UserNid,
  signatures: readonly KeySignature[],
): Promise<StreamPosition> {
  return committer.submit(DEVICE_LIST_CHANGE, {
    userNid,
    deviceId: undefined,
    viewerNid: signerNid,
    signatures,
  })
}
