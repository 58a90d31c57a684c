import { canonicalJson } from '../../protocol/json/canonical.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'

/**
 * A device's key object or a cross-signing key in the parts that answers are spliced from, each as JSON text: what is
 * signed, the signatures, and what is said beside it.
 */
export interface SignedKey {
  /** Canonical JSON without `signatures` and `unsigned`: the text that signatures are made over. Never `{}`. */
  readonly content: string
  /** `{"@user:server":{"ed25519:id":"signature"}}` */
  readonly signatures: string
  readonly unsigned?: string
}

/** A signature on a key that was uploaded by itself. */
export interface ExtraSignature {
  readonly signer: string
  /** `ed25519:…` */
  readonly keyId: string
  readonly signature: string
}

const WITHOUT_SIGNATURES = { omit: ['signatures', 'unsigned'] } as const

/**
 * Takes a key object apart; its shape has been checked before.
 *
 * @throws CanonicalJsonError for what has no canonical form.
 */
export function signedKeyOf(key: JsonObject): SignedKey {
  const signatures = ownValue(key, 'signatures')
  const unsigned = ownValue(key, 'unsigned')
  return {
    content: canonicalJson(key, WITHOUT_SIGNATURES),
    signatures: isJsonObject(signatures) ? canonicalJson(signatures) : '{}',
    ...(isJsonObject(unsigned) && { unsigned: canonicalJson(unsigned) }),
  }
}

/** The JSON text of a key for an answer, with further signatures; of those the newer one wins. */
export function signedKeyText(key: SignedKey, extra: readonly ExtraSignature[] = []): string {
  const signatures = extra.length === 0 ? key.signatures : JSON.stringify(withExtra(key.signatures, extra))
  const unsigned = key.unsigned === undefined ? '' : `,"unsigned":${key.unsigned}`
  return `${key.content.slice(0, -1)},"signatures":${signatures}${unsigned}}`
}

function withExtra(signatures: string, extra: readonly ExtraSignature[]): JsonObject {
  const merged = parseJson(signatures) as JsonObject
  for (const { signer, keyId, signature } of extra) {
    const theirs = ownValue(merged, signer)
    const others = isJsonObject(theirs) ? Object.entries(theirs) : []
    merged[signer] = Object.fromEntries([...others, [keyId, signature]])
  }
  return merged
}
