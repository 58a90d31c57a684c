import { expect, test } from 'vitest'
import { fileSchema } from '../file-schema.ts'
import { ssoConfig } from './oidc.ts'

const PROVIDER = {
  idp_id: 'github',
  idp_name: 'GitHub',
  issuer: 'https://github.com/',
  client_id: 'id',
  client_secret: 'secret',
}

const parsed = (...oidc_providers: object[]) => fileSchema.safeParse({ oidc_providers })

test('a provider has the id that Synapse gives it, and its defaults', () => {
  const keys = parsed({ ...PROVIDER, client_secret: undefined, client_secret_path: 'file' }).data!
  const [provider] = ssoConfig(keys, (path) => `${path}'s content\n`).providers
  expect(provider).toMatchObject({
    id: 'oidc-github',
    clientSecret: "file's content",
    clientAuthMethod: 'client_secret_basic',
    scopes: ['openid'],
    pkce: 'auto',
    allowExistingUsers: false,
    enableRegistration: true,
    mapping: { subject: '{{ user.sub }}', localpart: undefined },
  })
  const plain = parsed({ ...PROVIDER, idp_id: 'oidc' }).data!
  expect(ssoConfig(plain, () => '').providers[0]?.id).toBe('oidc')
})

test('a claim may stand for the template of the subject', () => {
  const config = { subject_claim: 'id', localpart_template: '{{ user.login }}' }
  const keys = parsed({ ...PROVIDER, user_mapping_provider: { config } }).data!
  expect(ssoConfig(keys, () => '').providers[0]?.mapping).toMatchObject({
    subject: '{{ user.id }}',
    localpart: '{{ user.login }}',
  })
})

test.each([
  ['no secret', { client_secret: undefined }],
  ['no endpoints without discovery', { discover: false }],
  ['an issuer that is no address', { issuer: 'github' }],
  ['an icon from elsewhere', { idp_icon: 'https://github.com/icon' }],
  ['an id with a slash', { idp_id: 'a/b' }],
  ['a template that would run', { user_mapping_provider: { config: { localpart_template: '{{ 1 + 1 }}' } } }],
  ['a requirement of two kinds', { attribute_requirements: [{ attribute: 'a', value: 'b', one_of: ['c'] }] }],
])('%s stops the start', (_, wrong) => {
  expect(parsed({ ...PROVIDER, ...wrong }).success).toBe(false)
})

test('two providers of one id stop the start', () => {
  expect(parsed(PROVIDER, PROVIDER).success).toBe(false)
})
