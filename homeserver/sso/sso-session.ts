import { hash } from 'node:crypto'
import type { Claims } from './template.ts'

/**
 * What is kept of the session of a provider that somebody signed in under; undefined where the provider tells none
 * (OpenID Connect Back-Channel Logout 1.0 §2.1).
 */
export function ssoSessionOf(idpId: string, { sid }: Claims): Buffer | undefined {
  return typeof sid === 'string' && sid !== '' ? hash('sha256', `${idpId}\0${sid}`, 'buffer') : undefined
}
