import type { Config } from '../config/config.ts'
import type { SignRequest } from '../identity-service/identity-server.ts'
import { createIdentityService, type IdentityService } from '../identity-service/identity-service.ts'
import { addressRules } from '../outgoing/addresses/address-rules.ts'
import { systemResolver } from '../outgoing/addresses/system-resolver.ts'

/** Connects the identity servers of the configuration, and those that rooms name for the validity of keys. */
export function openIdentityService(
  config: Config,
  sign: SignRequest,
  closing: AsyncDisposableStack,
): IdentityService {
  const { ipRangeBlacklist, ipRangeWhitelist } = config.federation
  const service = createIdentityService({
    trusted: config.identity.trustedIdentityServers,
    sign,
    resolver: systemResolver(),
    rules: addressRules(ipRangeBlacklist, ipRangeWhitelist),
  })
  closing.defer(() => service.close())
  return service
}
