import { loadConfig } from '../config/load-config.ts'
import { rotateSigningKey } from '../config/rotate-signing-key.ts'
import { configSource, type SourceOptions } from './source-options.ts'

/** `meridian keys show`: the public halves of the server's signing keys. */
export async function showKeys(options: SourceOptions): Promise<string> {
  const { secrets, identity } = await loadConfig(configSource(options))
  const current = secrets.signingKeys.map(
    (key, index) => `${key.keyId} ${key.publicKeyBase64} ${index === 0 ? 'signs' : 'published'}`,
  )
  const old = [...identity.oldSigningKeys].map(
    ([id, { key, expiredTs }]) => `${id} ${key} old since ${new Date(expiredTs).toISOString()}`,
  )
  return [...current, ...old].join('\n')
}

/** `meridian keys rotate`: a new signing key; the old one is published as old. */
export async function rotateKeys(options: SourceOptions): Promise<string> {
  const config = await loadConfig(configSource(options))
  const keyId = await rotateSigningKey(config)
  return [
    `The new signing key is ${keyId}, in ${config.secrets.signingKeyPath}: keep a copy.`,
    'The old key stays published, so that what it has signed can be verified.',
    'Restart the server if it is running.',
  ].join('\n')
}
