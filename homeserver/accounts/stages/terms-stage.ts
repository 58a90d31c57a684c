import type { JsonObject } from '../../../protocol/json/value.ts'
import type { ConsentConfig } from '../../config/sections/registration-checks.ts'
import type { StageDefinition } from './stage-definition.ts'

/** `m.login.terms`: to complete it is to accept what `params` lists. */
export const termsStage: StageDefinition = {
  params: ({ registration, publicBaseUrl }) =>
    registration.consent && policiesToAccept(registration.consent, publicBaseUrl),
  attempt: async () => ({ passed: true }),
}

/** The documents in the form of `params` (client-server API, "Terms of service at registration"). */
export function policiesToAccept(consent: ConsentConfig, publicBaseUrl: string | undefined): JsonObject {
  const { version, policies, policyName } = consent
  const elsewhere = Object.entries(policies)
  if (elsewhere.length > 0) {
    return { policies: Object.fromEntries(elsewhere.map(([id, texts]) => [id, { version, ...texts }])) }
  }
  const url = `${publicBaseUrl ?? '/'}_matrix/consent?v=${encodeURIComponent(version)}`
  return { policies: { privacy_policy: { version, en: { name: policyName, url } } } }
}
