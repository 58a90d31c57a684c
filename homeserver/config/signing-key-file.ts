import { randomBytes } from 'node:crypto'
import { ConfigError } from './config-error.ts'
import type { SigningKeyConfig } from './config.ts'

const SEED_BYTES = 32
const VERSION_BYTES = 3
const LINE = /^ed25519 ([A-Za-z0-9_]+) ([A-Za-z0-9+/]{43})=?$/

/** A new key as a line of Synapse's key file: `ed25519 a_AbCdEf <seed in unpadded base64>`. */
export function newSigningKeyLine(): string {
  const seed = randomBytes(SEED_BYTES).toString('base64').replace(/=+$/, '')
  return `ed25519 a_${randomBytes(VERSION_BYTES).toString('hex')} ${seed}\n`
}

/**
 * Reads a key file: one key a line, the first is signed with.
 *
 * @param name the file's name, for messages; its content appears in none.
 * @throws ConfigError when there is no key, or a line is none.
 */
export function parseSigningKeys(text: string, name: string): [SigningKeyConfig, ...SigningKeyConfig[]] {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line, index): SigningKeyConfig => {
      const match = LINE.exec(line)
      if (!match)
        throw new ConfigError(`${name}, line ${index + 1}: expects "ed25519 <version> <seed in base64>".`)
      return { keyId: `ed25519:${match[1]}`, seed: new Uint8Array(Buffer.from(match[2] ?? '', 'base64')) }
    })
  const [first, ...rest] = keys
  if (!first)
    throw new ConfigError(`${name}: holds no signing key. Remove the file, and the next start makes one.`)
  return [first, ...rest]
}
