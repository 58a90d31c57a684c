import { z } from 'zod'
import { callKeys, checkTurn } from './sections/calls.ts'
import { databaseKeys } from './sections/database.ts'
import { delayedEventKeys } from './sections/delayed-events.ts'
import { checkEmail, emailKeys } from './sections/email.ts'
import { federationKeys } from './sections/federation.ts'
import { identityKeys } from './sections/identity.ts'
import { checkTls, listenerKeys } from './sections/listeners.ts'
import { mediaKeys } from './sections/media.ts'
import { oauthKeys } from './sections/oauth.ts'
import { checkProviders, oidcKeys } from './sections/oidc.ts'
import { operationKeys } from './sections/operations.ts'
import { policyServerKeys } from './sections/policy-server.ts'
import { presenceKeys } from './sections/presence.ts'
import { pushKeys } from './sections/push.ts'
import { rateLimitKeys } from './sections/rate-limits.ts'
import { checkOpenRegistration, registrationKeys } from './sections/registration.ts'
import { checkRegistrationChecks } from './sections/registration-checks.ts'
import { redisKeys } from './sections/redis.ts'
import { roomKeys } from './sections/rooms.ts'
import { searchKeys } from './sections/search.ts'
import { serverNoticeKeys } from './sections/server-notices.ts'
import { urlPreviewKeys } from './sections/url-previews.ts'

/** Every key that the configuration file may hold. */
export const fileKeys = z.strictObject({
  ...identityKeys,
  ...listenerKeys,
  ...databaseKeys,
  ...redisKeys,
  ...registrationKeys,
  ...oauthKeys,
  ...oidcKeys,
  ...federationKeys,
  ...policyServerKeys,
  ...roomKeys,
  ...delayedEventKeys,
  ...presenceKeys,
  ...callKeys,
  ...pushKeys,
  ...emailKeys,
  ...searchKeys,
  ...serverNoticeKeys,
  ...mediaKeys,
  ...urlPreviewKeys,
  ...rateLimitKeys,
  ...operationKeys,
})

/** The whole file: each key by itself, and then those that need one another. */
export const fileSchema = fileKeys.superRefine((keys, context) => {
  const complain = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message, input: keys })
  }
  checkTls(keys, complain)
  checkOpenRegistration(keys, complain)
  checkProviders(keys, complain)
  checkTurn(keys, complain)
  checkEmail(keys, complain)
  checkRegistrationChecks(keys, complain)
})
