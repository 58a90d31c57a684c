import type { Config } from './config.ts'
import { loadOldSigningKeys, saveOldSigningKeys } from './old-signing-keys.ts'
import { replacePrivateFile } from './private-file.ts'
import { newSigningKeyText, parseSigningKeys } from './signing-keys.ts'

/**
 * Replaces the signing key by a new one and records the old one's public half, by which others go on verifying
 * what it has signed (server-server API, "Publishing Keys"). A running server goes on with the old key until it
 * is started again.
 *
 * @returns the new key's id.
 */
export async function rotateSigningKey({ dataDir, secrets }: Config): Promise<string> {
  const now = Date.now()
  const old = await loadOldSigningKeys(dataDir)
  for (const key of secrets.signingKeys) old.set(key.keyId, { key: key.publicKeyBase64, expiredTs: now })
  const text = newSigningKeyText()
  const [next] = parseSigningKeys(text, secrets.signingKeyPath)
  // The old key is recorded first: a crash in between leaves one key that is both current and old, and current wins.
  await saveOldSigningKeys(dataDir, old)
  await replacePrivateFile(secrets.signingKeyPath, text)
  return next.keyId
}
