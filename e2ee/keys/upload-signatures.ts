import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import { noteDeviceListChange, noteSignedKeys } from '../../storage/e2ee/device-list-write.ts'
import { keySignaturesOn, type KeySignature } from '../../storage/e2ee/key-signatures.ts'
import { canonicalKey } from './device-keys-shape.ts'
import { DEFAULT_REMOTE_TIMEOUT_MS, MAX_SIGNATURES_AN_UPLOAD } from './key-limits.ts'
import type { KeyServices, KeyUser } from './key-services.ts'
import { crossSigningPublicKey, isSignatureBy, publishedKey, signaturesOf } from './key-signature.ts'
import { localKeys } from './local-keys.ts'
import { checkSignatures } from './read-map.ts'
import type { SignedKey } from './signed-key.ts'
import type { UserKeys } from './user-keys.ts'

/** Why a signature was not taken. */
export interface SignatureFailure {
  readonly errcode: string
  readonly error: string
}

/** The same by user and key. */
export type SignatureFailures = Record<string, Record<string, SignatureFailure>>

/** A signature that is good: the id of the key that made it. */
type GoodSignature = Pick<KeySignature, 'signingKey' | 'signature'>

/**
 * Stores signatures on keys (client-server API, `POST /keys/signatures/upload`), each on its own: of the user's
 * self-signing key on own devices, of own devices on the own master key, of the user-signing key on others' master
 * keys. The key must be the one that is published, and the signature good.
 *
 * @returns those that were not taken.
 * @throws MatrixError 400 M_TOO_LARGE.
 */
export async function uploadSignatures(
  services: KeyServices,
  signer: KeyUser,
  body: JsonObject,
): Promise<SignatureFailures> {
  const uploads = readUploads(body)
  const known = await keysOfTargets(services, [signer.userId, ...uploads.map(({ userId }) => userId)])
  const own = known.get(signer.userId)
  const failures = new Map<string, [string, SignatureFailure][]>()
  const good: { userId: string; targetKey: string; signature: GoodSignature }[] = []
  for (const { userId, targetKey, value } of uploads) {
    try {
      const key = readSigned(value)
      const target = known.get(userId)
      const signatures =
        userId === signer.userId
          ? ownSignatures(key, targetKey, own, userId)
          : [signatureOnOther(key, targetKey, target, own, signer.userId)]
      for (const signature of signatures) good.push({ userId, targetKey, signature })
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      const failure = { errcode: error.errcode, error: error.message }
      failures.set(userId, [...(failures.get(userId) ?? []), [targetKey, failure]])
    }
  }
  await store(services, signer, good, own)
  return Object.fromEntries(
    Array.from(failures, ([userId, entries]) => [userId, Object.fromEntries(entries)] as const),
  )
}

async function store(
  { queries, interner, committer }: KeyServices,
  { userNid: signerNid }: KeyUser,
  good: readonly { userId: string; targetKey: string; signature: GoodSignature }[],
  own: UserKeys | undefined,
): Promise<void> {
  const userNids = await interner.userNids(good.map(({ userId }) => userId))
  const signatures = good.map(({ userId, targetKey, signature }) => {
    return { targetNid: userNids.get(userId)!, targetKey, signerNid, ...signature }
  })
  const fresh = await withoutKnown(queries, signatures)
  if (fresh.length === 0) return
  const onOwn = Map.groupBy(
    fresh.filter(({ targetNid }) => targetNid === signerNid),
    ({ targetKey }) => targetKey,
  )
  const onOthers = Map.groupBy(
    fresh.filter(({ targetNid }) => targetNid !== signerNid),
    ({ targetNid }) => targetNid,
  )
  // Those on others' keys are for the signer alone.
  await Promise.all([
    ...Array.from(onOwn, ([target, signatures]) =>
      noteDeviceListChange(committer, signerNid, own?.devices.has(target) ? target : undefined, {
        signatures,
      }),
    ),
    ...Array.from(onOthers, ([userNid, signatures]) =>
      noteSignedKeys(committer, userNid, signerNid, signatures),
    ),
  ])
}

async function withoutKnown(
  queries: Queries,
  signatures: readonly KeySignature[],
): Promise<readonly KeySignature[]> {
  if (signatures.length === 0) return []
  const { signerNid } = signatures[0]!
  const known = await keySignaturesOn(
    queries,
    signatures.map(({ targetNid }) => targetNid),
    signerNid,
  )
  const textOf = ({ targetNid, targetKey, signingKey, signature }: KeySignature): string =>
    [targetNid, targetKey, signingKey, signature].join(' ')
  const texts = new Set(known.filter((one) => one.signerNid === signerNid).map(textOf))
  return signatures.filter((one) => !texts.has(textOf(one)))
}

function readUploads(body: JsonObject): { userId: string; targetKey: string; value: JsonValue }[] {
  const uploads = Object.entries(body).flatMap(([userId, keys]) =>
    isUserId(userId) && isJsonObject(keys)
      ? Object.entries(keys).map(([targetKey, value]) => ({ userId, targetKey, value }))
      : [],
  )
  if (uploads.length <= MAX_SIGNATURES_AN_UPLOAD) return uploads
  throw new MatrixError(400, 'M_TOO_LARGE', `At most ${MAX_SIGNATURES_AN_UPLOAD} keys can be signed at once`)
}

function readSigned(value: JsonValue): SignedKey {
  if (!isJsonObject(value)) throw new MatrixError(400, 'M_BAD_JSON', 'A key must be an object')
  checkSignatures(ownValue(value, 'signatures'), 'A key')
  return canonicalKey(value, 'a key')
}

async function keysOfTargets(
  services: KeyServices,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, UserKeys>> {
  const isLocal = (userId: string): boolean => serverOf(userId) === services.serverName
  const wanted = (ids: readonly string[]) => new Map(ids.map((userId) => [userId, []] as const))
  const local = await localKeys(services, wanted(userIds.filter(isLocal)), { showNames: false })
  const away = wanted(userIds.filter((userId) => !isLocal(userId)))
  if (away.size === 0 || !services.remoteKeys) return local
  const { users } = await services.remoteKeys.query(away, DEFAULT_REMOTE_TIMEOUT_MS)
  return new Map([...local, ...users])
}

function ownSignatures(
  key: SignedKey,
  targetKey: string,
  own: UserKeys | undefined,
  userId: string,
): GoodSignature[] {
  const device = own?.devices.get(targetKey)
  if (device) {
    checkSame(key, device)
    return [signatureBy(key, userId, own?.selfSigning, 'self-signing')]
  }
  const master = own?.master
  if (!master || crossSigningPublicKey(master) !== targetKey) throw unknownKey()
  checkSame(key, master)
  const signatures = [...signaturesOf(key, userId)].flatMap(([signingKey, signature]): GoodSignature[] => {
    const signing = own.devices.get(signingKey.slice(signingKey.indexOf(':') + 1))
    const publicKey = signing && publishedKey(signing, signingKey)
    if (publicKey === undefined || !signingKey.startsWith('ed25519:')) return []
    if (!isSignatureBy(signature, key, publicKey)) throw badSignature()
    return [{ signingKey, signature }]
  })
  if (signatures.length === 0) throw badSignature()
  return signatures
}

function signatureOnOther(
  key: SignedKey,
  targetKey: string,
  target: UserKeys | undefined,
  own: UserKeys | undefined,
  signer: string,
): GoodSignature {
  const master = target?.master
  if (!master || crossSigningPublicKey(master) !== targetKey) throw unknownKey()
  checkSame(key, master)
  return signatureBy(key, signer, own?.userSigning, 'user-signing')
}

function signatureBy(
  key: SignedKey,
  signer: string,
  signing: SignedKey | undefined,
  name: string,
): GoodSignature {
  const publicKey = signing && crossSigningPublicKey(signing)
  if (publicKey === undefined) throw new MatrixError(404, 'M_NOT_FOUND', `There is no ${name} key`)
  const signingKey = `ed25519:${publicKey}`
  const signature = signaturesOf(key, signer).get(signingKey)
  if (signature === undefined || !isSignatureBy(signature, key, publicKey)) throw badSignature()
  return { signingKey, signature }
}

function checkSame(key: SignedKey, published: SignedKey): void {
  if (key.content === published.content) return
  throw new MatrixError(400, 'M_INVALID_PARAM', 'The key is not the one that is published')
}

function unknownKey(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such key')
}

function badSignature(): MatrixError {
  return new MatrixError(400, 'M_INVALID_SIGNATURE', 'There is no good signature of a key that may sign this')
}
