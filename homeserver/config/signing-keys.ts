import { randomBytes } from 'node:crypto'
import { createSeed, createSigningKey, type SigningKey } from '../../protocol/crypto/ed25519.ts'
import { formatSigningKeyFile, parseSigningKeyFile } from '../../protocol/crypto/signing-key-file.ts'
import { ConfigError } from './config-error.ts'
import { readOrCreatePrivateFile } from './private-file.ts'

/** The server's keys; the first one signs, the others are published as valid. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

/** Enough that two servers, or two keys of one server, never have the same name. */
const IDENTIFIER_BYTES = 3

/** A new key as the text of a key file: `ed25519 a_1b2c3d <seed in base64>`. */
export function newSigningKeyText(): string {
  const identifier = `a_${randomBytes(IDENTIFIER_BYTES).toString('hex')}`
  return formatSigningKeyFile([{ identifier, seed: createSeed() }])
}

/** @throws ConfigError naming file and line, and quoting nothing, when the text is no key file. */
export function parseSigningKeys(text: string, path: string): SigningKeys {
  try {
    const [first, ...rest] = parseSigningKeyFile(text).map((key) =>
      createSigningKey(key.seed, key.identifier),
    )
    if (first) return [first, ...rest]
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read.'
    throw new ConfigError(`${path}: ${why} Put the key back from your copy of it.`)
  }
  throw new ConfigError(`${path}: holds no key. Put the key back from your copy of it.`)
}

/** The keys of a key file, which is made with one new key if there is none. */
export async function loadSigningKeys(path: string): Promise<SigningKeys> {
  return parseSigningKeys(await readOrCreatePrivateFile(path, newSigningKeyText), path)
}
