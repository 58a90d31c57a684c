import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { findDevice } from '../../storage/accounts/device-reader.ts'
import { crossSigningKeysOf } from '../../storage/e2ee/cross-signing-keys.ts'
import { noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import type { CrossSigningUsage } from '../../storage/schema/cross-signing-key.ts'
import { readCrossSigningKey, type CrossSigningKey } from './cross-signing-shape.ts'
import type { KeyServices, KeyUser } from './key-services.ts'
import { isSignatureBy, signaturesOf } from './key-signature.ts'

const USAGES: readonly CrossSigningUsage[] = ['master', 'self_signing', 'user_signing']

/** Cross-signing keys that have been checked and are not stored yet. */
export interface CrossSigningUpload {
  /** Whether the user must prove to mean it: there are keys already, and these are others. */
  readonly needsProof: boolean
  store(): Promise<void>
}

/**
 * Checks an upload of cross-signing keys (client-server API, `POST /keys/device_signing/upload`). Keys that are stored
 * already change nothing and need no proof, as the first keys of a user need none.
 *
 * @throws MatrixError 400 M_BAD_JSON, M_INVALID_PARAM, M_TOO_LARGE; M_MISSING_PARAM where the user has no master key;
 *   M_INVALID_SIGNATURE where that has not signed the others; 403 M_FORBIDDEN for a key that is named as a device is.
 */
export async function checkCrossSigningUpload(
  { queries, committer }: KeyServices,
  owner: KeyUser,
  body: JsonObject,
): Promise<CrossSigningUpload> {
  const given = USAGES.flatMap((usage) => readCrossSigningKey(body, usage, owner.userId) ?? [])
  const stored = await crossSigningKeysOf(queries, [owner.userNid])
  const fresh = given.filter(
    (key) => !stored.some(({ usage, content }) => usage === key.usage && content === key.content),
  )
  const master = [...given, ...stored].find(({ usage }) => usage === 'master')
  if (!master) throw new MatrixError(400, 'M_MISSING_PARAM', 'There is no master key')
  for (const key of fresh) {
    if (key.usage !== 'master') checkSignedByMaster(key, master.publicKey, owner.userId)
    if (await findDevice(queries, owner.userNid, key.publicKey)) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'A key has the name of a device')
    }
  }
  return {
    needsProof: fresh.length > 0 && stored.length > 0,
    store: async () => {
      if (fresh.length === 0) return
      const { userNid } = owner
      const crossSigning = fresh.map((key) => ({ ...key, userNid }))
      await noteDeviceListChange(committer, userNid, undefined, { crossSigning })
    },
  }
}

function checkSignedByMaster(key: CrossSigningKey, masterKey: string, userId: string): void {
  const signature = signaturesOf(key, userId).get(`ed25519:${masterKey}`)
  if (signature === undefined || !isSignatureBy(signature, key, masterKey)) {
    throw new MatrixError(400, 'M_INVALID_SIGNATURE', `The master key has not signed \`${key.usage}_key\``)
  }
}
