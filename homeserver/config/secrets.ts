import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { z } from 'zod'
import { ConfigError } from './config-error.ts'
import type { SecretsConfig } from './config.ts'
import type { fileSchema } from './file-schema.ts'
import { readOrCreatePrivateFile } from './private-file.ts'
import { loadSigningKeys } from './signing-keys.ts'

const SECRET_BYTES = 32
const newSecret = (): string => `${randomBytes(SECRET_BYTES).toString('base64url')}\n`

async function registrationSecret(
  keys: z.output<typeof fileSchema>,
  dataDir: string,
  resolvePath: (path: string) => string,
): Promise<string> {
  if (keys.registration_shared_secret !== undefined) return keys.registration_shared_secret
  const path = keys.registration_shared_secret_path
  const file = path ? resolvePath(path) : join(dataDir, 'registration-shared-secret')
  const secret = (await readOrCreatePrivateFile(file, newSecret)).trim()
  if (!secret) throw new ConfigError(`${file} is empty. Remove it, and the next start makes a new secret.`)
  return secret
}

/**
 * The secrets that the file names, and those that it does not name from the data directory, where they are
 * generated at the first start.
 */
export async function loadSecrets(
  keys: z.output<typeof fileSchema>,
  dataDir: string,
  resolvePath: (path: string) => string,
): Promise<SecretsConfig> {
  const signingKeyPath = keys.signing_key_path
    ? resolvePath(keys.signing_key_path)
    : join(dataDir, 'signing.key')
  const serverSecret = await readOrCreatePrivateFile(join(dataDir, 'server-secret'), newSecret)
  return {
    signingKeys: await loadSigningKeys(signingKeyPath),
    signingKeyPath,
    registrationSharedSecret: await registrationSecret(keys, dataDir, resolvePath),
    serverSecret: new Uint8Array(Buffer.from(serverSecret.trim(), 'base64url')),
  }
}
