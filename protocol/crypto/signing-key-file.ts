import { decodeBase64, encodeBase64 } from './base64.ts'
import { ED25519_KEY_BYTES } from './ed25519.ts'

/** One line of a signing key file: what `createSigningKey` needs. */
export interface SigningKeyLine {
  /** What follows `ed25519:` in the key id, `a_1234` for example. */
  readonly identifier: string
  /** 32 bytes. */
  readonly seed: Uint8Array
}

const IDENTIFIER = /^[A-Za-z0-9_]+$/

/**
 * Reads a signing key file in the format that Synapse writes: lines of `ed25519 <identifier> <base64 seed>`.
 * The first key is the one to sign with.
 *
 * @throws Error with a sentence that names the line but quotes nothing of it.
 */
export function parseSigningKeyFile(text: string): SigningKeyLine[] {
  const keys: SigningKeyLine[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== '') keys.push(parseLine(line.trim(), index + 1))
  }
  if (keys.length === 0) throw new Error('The signing key file holds no key.')
  return keys
}

/** Writes keys in the format that {@link parseSigningKeyFile} reads. */
export function formatSigningKeyFile(keys: readonly SigningKeyLine[]): string {
  return keys.map((key) => `ed25519 ${key.identifier} ${encodeBase64(key.seed)}\n`).join('')
}

function parseLine(line: string, number: number): SigningKeyLine {
  const [algorithm, identifier = '', encoded = '', ...rest] = line.split(/\s+/)
  const seed = decodeBase64(encoded)
  if (algorithm !== 'ed25519') {
    throw new Error(`Line ${number} of the signing key file is not a key of the algorithm ed25519.`)
  }
  if (!IDENTIFIER.test(identifier) || seed?.length !== ED25519_KEY_BYTES || rest.length > 0) {
    throw new Error(
      `Line ${number} of the signing key file is not "ed25519 <identifier> <base64 of 32 bytes>".`,
    )
  }
  return { identifier, seed }
}
