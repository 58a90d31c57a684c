import { z } from 'zod'
import { templateProblem } from '../../sso/template.ts'

const template = z.string().superRefine((text, context) => {
  const message = templateProblem(text)
  if (message !== undefined) context.addIssue({ code: 'custom', message, input: text })
})

const mapping = z.strictObject({
  subject_claim: z.string().min(1).optional(),
  subject_template: template.optional(),
  localpart_template: template.optional(),
  display_name_template: template.optional(),
  confirm_localpart: z.boolean().default(false),
})

const requirement = z
  .strictObject({
    attribute: z.string().min(1),
    value: z.string().optional(),
    one_of: z.array(z.string()).optional(),
  })
  .refine(({ value, one_of }) => value === undefined || one_of === undefined, 'takes either value or one_of')

const provider = z
  .strictObject({
    idp_id: z.string().regex(/^[A-Za-z0-9._~-]{1,250}$/, 'expects letters, digits and . _ ~ -'),
    idp_name: z.string().min(1),
    idp_icon: z.string().startsWith('mxc://', 'expects an mxc:// URI').optional(),
    idp_brand: z
      .string()
      .regex(/^[a-z][a-z0-9_.-]{0,254}$/)
      .optional(),
    discover: z.boolean().default(true),
    issuer: z.url({ protocol: /^https?$/ }),
    client_id: z.string().min(1),
    client_secret: z.string().min(1).optional(),
    client_secret_path: z.string().optional(),
    client_auth_method: z
      .enum(['client_secret_basic', 'client_secret_post', 'none'])
      .default('client_secret_basic'),
    scopes: z.array(z.string()).default(['openid']),
    authorization_endpoint: z.url().optional(),
    token_endpoint: z.url().optional(),
    userinfo_endpoint: z.url().optional(),
    jwks_uri: z.url().optional(),
    pkce_method: z.enum(['auto', 'always', 'never']).default('auto'),
    user_profile_method: z.enum(['auto', 'userinfo_endpoint']).default('auto'),
    allow_existing_users: z.boolean().default(false),
    enable_registration: z.boolean().default(true),
    additional_authorization_parameters: z.record(z.string(), z.string()).default({}),
    user_mapping_provider: z.strictObject({ config: mapping.prefault({}) }).prefault({}),
    attribute_requirements: z.array(requirement).default([]),
    backchannel_logout_enabled: z.boolean().default(false),
    backchannel_logout_ignore_sub: z.boolean().default(false),
    backchannel_logout_is_soft: z.boolean().default(false),
  })
  .refine(
    (keys) => keys.discover || (keys.authorization_endpoint && keys.token_endpoint),
    'needs authorization_endpoint and token_endpoint when discover is false',
  )
  .refine(
    (keys) => keys.discover || (keys.scopes.includes('openid') ? keys.jwks_uri : keys.userinfo_endpoint),
    'needs jwks_uri when discover is false, or userinfo_endpoint where the scopes are without openid',
  )
  .refine(
    (keys) => keys.client_auth_method === 'none' || keys.client_secret || keys.client_secret_path,
    'needs client_secret or client_secret_path, or client_auth_method: none',
  )

/** Signing in through providers of OpenID Connect; names and shapes are Synapse's. */
export const oidcKeys = {
  oidc_providers: z.array(provider).default([]),
  sso: z
    .strictObject({
      client_whitelist: z.array(z.string().min(1)).default([]),
      update_profile_information: z.boolean().default(false),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof oidcKeys>>

/** A provider of OpenID Connect. */
export interface OidcProvider {
  /** `oidc-` and the configured id, as Synapse names it to clients and in its database. */
  readonly id: string
  readonly name: string
  readonly icon: string | undefined
  readonly brand: string | undefined
  readonly discover: boolean
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuthMethod: 'client_secret_basic' | 'client_secret_post' | 'none'
  readonly scopes: readonly string[]
  readonly endpoints: {
    readonly authorization: string | undefined
    readonly token: string | undefined
    readonly userinfo: string | undefined
    readonly jwks: string | undefined
  }
  readonly pkce: 'auto' | 'always' | 'never'
  /** Whether the profile comes from the userinfo endpoint even where the id token could tell. */
  readonly alwaysAskUserinfo: boolean
  readonly allowExistingUsers: boolean
  readonly enableRegistration: boolean
  readonly authorizationParameters: Readonly<Record<string, string>>
  readonly mapping: UserMapping
  readonly requirements: readonly AttributeRequirement[]
  /** Undefined where the provider logs nobody out. */
  readonly backchannelLogout: BackchannelLogout | undefined
}

/** What the end of a session at the provider does here. */
export interface BackchannelLogout {
  /** Whether whom the token names does not matter beside its session. */
  readonly ignoresSubject: boolean
  /** Whether devices stay, to be logged in to again. */
  readonly isSoft: boolean
}

/** How an identity becomes an account; templates of `homeserver/sso/template.ts`. */
export interface UserMapping {
  readonly subject: string
  /** Without one users choose their name. */
  readonly localpart: string | undefined
  readonly displayName: string | undefined
  readonly confirmLocalpart: boolean
}

/** What a claim must hold: one of the values, or anything. */
export interface AttributeRequirement {
  readonly attribute: string
  readonly values: readonly string[] | undefined
}

export interface SsoConfig {
  readonly providers: readonly OidcProvider[]
  /** Beginnings of addresses that get a login without a question. */
  readonly clientWhitelist: readonly string[]
  readonly updateProfile: boolean
}

/** @param readSecret reads the file of a `client_secret_path`. */
export function ssoConfig(keys: Keys, readSecret: (path: string) => string): SsoConfig {
  return {
    providers: keys.oidc_providers.map((entry) => providerOf(entry, readSecret)),
    clientWhitelist: keys.sso.client_whitelist,
    updateProfile: keys.sso.update_profile_information,
  }
}

function providerOf(keys: z.output<typeof provider>, readSecret: (path: string) => string): OidcProvider {
  const { config } = keys.user_mapping_provider
  const secretPath = keys.client_secret_path
  return {
    id: keys.idp_id === 'oidc' ? 'oidc' : `oidc-${keys.idp_id}`,
    name: keys.idp_name,
    icon: keys.idp_icon,
    brand: keys.idp_brand,
    discover: keys.discover,
    issuer: keys.issuer,
    clientId: keys.client_id,
    clientSecret:
      keys.client_secret ?? (secretPath === undefined ? undefined : readSecret(secretPath).trim()),
    clientAuthMethod: keys.client_auth_method,
    scopes: keys.scopes,
    endpoints: {
      authorization: keys.authorization_endpoint,
      token: keys.token_endpoint,
      userinfo: keys.userinfo_endpoint,
      jwks: keys.jwks_uri,
    },
    pkce: keys.pkce_method,
    alwaysAskUserinfo: keys.user_profile_method === 'userinfo_endpoint',
    allowExistingUsers: keys.allow_existing_users,
    enableRegistration: keys.enable_registration,
    authorizationParameters: keys.additional_authorization_parameters,
    mapping: {
      subject: config.subject_template ?? `{{ user.${config.subject_claim ?? 'sub'} }}`,
      localpart: config.localpart_template,
      displayName: config.display_name_template,
      confirmLocalpart: config.confirm_localpart,
    },
    backchannelLogout: keys.backchannel_logout_enabled
      ? { ignoresSubject: keys.backchannel_logout_ignore_sub, isSoft: keys.backchannel_logout_is_soft }
      : undefined,
    requirements: keys.attribute_requirements.map(({ attribute, value, one_of }) => ({
      attribute,
      values: value === undefined ? one_of : [value],
    })),
  }
}

/** No two providers may have one id: accounts are linked by it. */
export function checkProviders(
  keys: Keys,
  complain: (path: (string | number)[], sentence: string) => void,
): void {
  const ids = keys.oidc_providers.map((entry) => entry.idp_id)
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index)
  if (twice >= 0) complain(['oidc_providers', twice, 'idp_id'], 'is the id of another provider too')
}
