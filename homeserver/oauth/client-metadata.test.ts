import { describe, expect, test } from 'vitest'
import { readClientMetadata } from './client-metadata.ts'
import { isRegisteredRedirectUri } from './redirect-uris.ts'

const WEB = { client_uri: 'https://example.com/', redirect_uris: ['https://app.example.com/callback'] }

function codeOf(body: Parameters<typeof readClientMetadata>[0]): string {
  try {
    readClientMetadata(body)
    return 'fine'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('redirect URIs', () => {
  test.each([
    ['web', 'https://example.com/callback', 'fine'],
    ['web', 'https://app.example.com/callback', 'fine'],
    ['web', 'https://example.com:5173/?query=value', 'fine'],
    ['web', 'https://example.com/callback#fragment', 'invalid_redirect_uri'],
    ['web', 'https://example.com/callback#', 'invalid_redirect_uri'],
    ['web', 'http://example.com/callback', 'invalid_redirect_uri'],
    ['web', 'http://localhost/', 'invalid_redirect_uri'],
    ['web', 'https://user@example.com/', 'invalid_redirect_uri'],
    ['web', 'https://notexample.com/', 'invalid_redirect_uri'],
    ['web', 'https://example.com.evil.org/', 'invalid_redirect_uri'],
    ['web', 'com.example:/', 'invalid_redirect_uri'],
    ['web', 'javascript:alert(1)', 'invalid_redirect_uri'],
    ['native', 'javascript:alert(1)', 'invalid_redirect_uri'],
    ['native', 'data:text/html,x', 'invalid_redirect_uri'],
    ['native', 'com.example.app:/callback', 'fine'],
    ['native', 'com.example:/', 'fine'],
    ['native', 'com.example:callback', 'fine'],
    ['native', 'http://localhost/callback', 'fine'],
    ['native', 'http://127.0.0.1/callback', 'fine'],
    ['native', 'http://[::1]/callback', 'fine'],
    ['native', 'https://example.com/callback', 'fine'],
    ['native', 'example:/callback', 'invalid_redirect_uri'],
    ['native', 'com.examples:/callback', 'invalid_redirect_uri'],
    ['native', 'com.example.app://callback', 'invalid_redirect_uri'],
    ['native', 'https://localhost/callback', 'invalid_redirect_uri'],
    ['native', 'http://localhost:1234/callback', 'invalid_redirect_uri'],
    ['native', 'http://localhost:80/callback', 'invalid_redirect_uri'],
    ['native', 'http://[::1]:80/callback', 'invalid_redirect_uri'],
    ['native', 'http://evil.example/callback', 'invalid_redirect_uri'],
    ['native', 'com.example:/a b', 'invalid_redirect_uri'],
    ['native', 'com.example:/\0', 'invalid_redirect_uri'],
  ])('%s %j: %s', (application_type, uri, outcome) => {
    const body = { client_uri: 'https://example.com/', application_type, redirect_uris: [uri] }
    expect(codeOf(body)).toBe(outcome)
  })

  test('any port fits on the loopback interface, and nothing else differs', () => {
    const redirect_uris = ['http://127.0.0.1/callback?a=b', 'com.example:/x']
    const metadata = readClientMetadata({ ...WEB, application_type: 'native', redirect_uris })
    const fits = (uri: string) => isRegisteredRedirectUri(uri, metadata)
    expect(
      ['http://127.0.0.1/callback?a=b', 'http://127.0.0.1:9/callback?a=b', 'com.example:/x'].map(fits),
    ).toEqual([true, true, true])
    const wrong = [
      'http://localhost:9/callback?a=b',
      'http://127.0.0.1:9/callback',
      'http://127.0.0.1:9/callback?a=b#c',
      'http://u@127.0.0.1:9/callback?a=b',
      'https://127.0.0.1:9/callback?a=b',
      'com.example:/x?y',
      'nonsense',
    ]
    expect(wrong.filter(fits)).toEqual([])
  })
})

describe('metadata', () => {
  test('keeps what the specification names and leaves out the rest', () => {
    const grant_types = [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ]
    const translated = { 'client_name#fr': 'Mon application', contacts: ['a@example.com'] }
    const body = {
      ...WEB,
      ...translated,
      client_name: 'My App',
      grant_types,
      tos_uri: 'https://example.com/tos',
    }
    expect(readClientMetadata(body)).toEqual({
      ...WEB,
      client_name: 'My App',
      tos_uri: 'https://example.com/tos',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'web',
      token_endpoint_auth_method: 'none',
    })
  })

  test('a client that logs in by device codes alone returns nowhere', () => {
    const grant_types = ['refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
    expect(readClientMetadata({ client_uri: WEB.client_uri, grant_types })).toMatchObject({
      redirect_uris: [],
      response_types: [],
    })
  })

  test.each([
    ['no home page', { redirect_uris: [] }],
    ['a home page without TLS', { ...WEB, client_uri: 'http://example.com/' }],
    ['a password in it', { ...WEB, client_uri: 'https://u:p@example.com/' }],
    ['terms elsewhere', { ...WEB, tos_uri: 'https://example.org/' }],
    ['a logo without TLS', { ...WEB, logo_uri: 'http://example.com/logo' }],
    ['a name that is no text', { ...WEB, client_name: 7 }],
    ['an unknown kind', { ...WEB, application_type: 'desktop' }],
    ['redirect URIs that are no list', { ...WEB, redirect_uris: 'https://example.com/' }],
    ['redirect URIs that are no texts', { ...WEB, redirect_uris: [{}] }],
  ])('%s is refused', (_, body) => expect(codeOf(body)).toBe('invalid_client_metadata'))

  test('no redirect URI is refused where codes are asked for', () => {
    expect(codeOf({ client_uri: WEB.client_uri })).toBe('invalid_redirect_uri')
  })
})
