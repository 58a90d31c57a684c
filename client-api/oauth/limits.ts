import { RateLimiter } from '../../homeserver/rate-limits/rate-limiter.ts'

/**
 * How often one address may register clients, start device authorisations or try user codes: every login of an office
 * behind one address takes one, and whoever fills the tables or guesses codes takes many.
 */
const BY_ADDRESS = { perSecond: 0.2, burstCount: 50 }

/** The limits of what OAuth lets anybody do. */
export interface OAuthLimits {
  readonly registration: RateLimiter
  readonly deviceAuthorization: RateLimiter
  readonly userCode: RateLimiter
}

/** Makes the limiters. */
export function createOAuthLimits(): OAuthLimits {
  return {
    registration: new RateLimiter(BY_ADDRESS),
    deviceAuthorization: new RateLimiter(BY_ADDRESS),
    userCode: new RateLimiter(BY_ADDRESS),
  }
}
