import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { FederationConfig } from '../../../homeserver/config/sections/federation.ts'
import { compileGlob } from '../../../protocol/glob/compile-glob.ts'
import { addressRules } from '../../../homeserver/outgoing/addresses/address-rules.ts'
import type { NameResolver } from '../../../homeserver/outgoing/addresses/name-resolver.ts'
import type { DialOptions } from './dial.ts'

/** What {@link DialOptions} take from the configuration. */
export type DialConfig = Pick<
  FederationConfig,
  | 'customCaPaths'
  | 'verifyCertificates'
  | 'certificateVerificationWhitelist'
  | 'minimumTlsVersion'
  | 'ipRangeBlacklist'
  | 'ipRangeWhitelist'
>

/**
 * Reads the certificate authorities and compiles the rules for outgoing connections.
 *
 * @throws the system's error when a file of the authorities cannot be read.
 */
export async function dialOptions(config: DialConfig, resolver: NameResolver): Promise<DialOptions> {
  const ca = await Promise.all(config.customCaPaths.map((path) => readFile(path, 'utf8')))
  const unseen = config.certificateVerificationWhitelist.map((pattern) => compileGlob(pattern))
  return {
    resolver,
    rules: addressRules(config.ipRangeBlacklist, config.ipRangeWhitelist),
    secureContext: createSecureContext({
      ...(ca.length > 0 ? { ca } : {}),
      minVersion: config.minimumTlsVersion,
    }),
    verifiesCertificate: (name) => config.verifyCertificates && !unseen.some((matches) => matches(name)),
  }
}
