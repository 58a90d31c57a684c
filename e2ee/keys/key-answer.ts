import { keySignaturesOn } from '../../storage/e2ee/key-signatures.ts'
import type { KeyServices, KeyUser } from './key-services.ts'
import { signedKeyText, type ExtraSignature, type SignedKey } from './signed-key.ts'
import type { ServerFailure, UserKeys } from './user-keys.ts'

/** By target user and key. */
type ExtraSignatures = ReadonlyMap<string, ReadonlyMap<string, readonly ExtraSignature[]>>

/**
 * The answer of a key query as JSON text.
 *
 * @param viewer undefined for another server, which is told only the users' own signatures, and no user-signing keys.
 */
export async function keyAnswerText(
  services: Pick<KeyServices, 'queries' | 'interner'>,
  users: ReadonlyMap<string, UserKeys>,
  failures: ReadonlyMap<string, ServerFailure> | undefined,
  viewer: KeyUser | undefined,
): Promise<string> {
  const signatures = await extraSignatures(services, [...users.keys()], viewer)
  const all = [...users]
  const devices = all.map(([userId, { devices }]) => {
    const extra = signatures.get(userId)
    return member(
      userId,
      objectText(Array.from(devices, ([id, key]) => member(id, signedKeyText(key, extra?.get(id))))),
    )
  })
  const crossSigning = (keyOf: (keys: UserKeys) => SignedKey | undefined): string =>
    objectText(
      all.flatMap(([userId, keys]) => {
        const key = keyOf(keys)
        return key ? [member(userId, crossSigningText(key, signatures.get(userId)))] : []
      }),
    )
  const userSigning = all.filter(([userId]) => userId === viewer?.userId)
  return objectText([
    member('device_keys', objectText(devices)),
    member(
      'master_keys',
      crossSigning(({ master }) => master),
    ),
    member(
      'self_signing_keys',
      crossSigning(({ selfSigning }) => selfSigning),
    ),
    ...(viewer
      ? [
          member(
            'user_signing_keys',
            objectText(
              userSigning.flatMap(([userId, { userSigning: key }]) =>
                key ? [member(userId, signedKeyText(key))] : [],
              ),
            ),
          ),
        ]
      : []),
    ...(failures ? [member('failures', JSON.stringify(Object.fromEntries(failures)))] : []),
  ])
}

/** The signatures on users' keys that were uploaded by themselves and that the viewer may see. */
export async function extraSignatures(
  { queries, interner }: Pick<KeyServices, 'queries' | 'interner'>,
  userIds: readonly string[],
  viewer: KeyUser | undefined,
): Promise<ExtraSignatures> {
  const userNids = await interner.findUserNids(userIds)
  if (userNids.size === 0) return new Map()
  const rows = await keySignaturesOn(queries, [...userNids.values()], viewer?.userNid)
  const names = new Map(Array.from(userNids, ([userId, userNid]) => [userNid, userId]))
  const result = new Map<string, Map<string, ExtraSignature[]>>()
  for (const { targetNid, targetKey, signerNid, signingKey: keyId, signature } of rows) {
    const target = names.get(targetNid)
    const signer = signerNid === viewer?.userNid ? viewer.userId : names.get(signerNid)
    if (target === undefined || signer === undefined) continue
    const ofUser = result.get(target) ?? new Map<string, ExtraSignature[]>()
    result.set(target, ofUser)
    ofUser.set(targetKey, [...(ofUser.get(targetKey) ?? []), { signer, keyId, signature }])
  }
  return result
}

/** The text of a cross-signing key with the signatures on it, by the public key that it names. */
export function crossSigningText(
  key: SignedKey,
  extra: ReadonlyMap<string, readonly ExtraSignature[]> | undefined,
): string {
  for (const [publicKey, signatures] of extra ?? []) {
    if (key.content.includes(`"ed25519:${publicKey}":`)) return signedKeyText(key, signatures)
  }
  return signedKeyText(key)
}

/** `"key":value`, the value as JSON text. */
export function member(key: string, value: string): string {
  return `${JSON.stringify(key)}:${value}`
}

/** `{…}` of members. */
export function objectText(members: readonly string[]): string {
  return `{${members.join(',')}}`
}
