import * as oauth from 'openid-client'
import type { TestServer } from '../http/test-server.ts'
import { TestBrowser, type TestPage } from './test-browser.ts'

export const CALLBACK = 'http://127.0.0.1:7777/callback'
export const API = 'urn:matrix:client:api:*'

/** A native client's registration. */
export const NATIVE = {
  client_name: 'Test <b>client</b>',
  client_uri: 'https://client.example/',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback', 'example.client.app:/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

export const deviceScope = (deviceId: string): string => `${API} urn:matrix:client:device:${deviceId}`

/** The server's metadata. */
export async function metadataOf(server: TestServer): Promise<oauth.ServerMetadata & Record<string, string>> {
  const { body } = await server.request('GET', '/_matrix/client/v1/auth_metadata')
  return body as oauth.ServerMetadata & Record<string, string>
}

/** Registers a client and returns its id. */
export async function registered(server: TestServer, metadata: object = NATIVE): Promise<string> {
  const { registration_endpoint } = await metadataOf(server)
  const response = await fetch(registration_endpoint!, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
  if (response.status !== 201) throw new Error(await response.text())
  return String(((await response.json()) as { client_id: string }).client_id)
}

/** What openid-client works with. */
export async function configurationOf(server: TestServer, clientId: string): Promise<oauth.Configuration> {
  const configuration = new oauth.Configuration(
    await metadataOf(server),
    clientId,
    { token_endpoint_auth_method: 'none' },
    oauth.None(),
  )
  oauth.allowInsecureRequests(configuration)
  return configuration
}

/** An authorisation under way. */
export interface Started {
  readonly url: URL
  readonly verifier: string
  readonly state: string
}

/** Begins one. @param extra replaces parameters; an empty text removes one. */
export async function begin(
  configuration: oauth.Configuration,
  deviceId: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const verifier = oauth.randomPKCECodeVerifier()
  const state = oauth.randomState()
  const url = oauth.buildAuthorizationUrl(configuration, {
    redirect_uri: CALLBACK,
    scope: deviceScope(deviceId),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  for (const [name, value] of Object.entries(extra)) {
    if (value === '') url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return { url, verifier, state }
}

/** Signs in on the page that asks for it. */
export function signIn(browser: TestBrowser, page: TestPage, user: string, password = 'correct horse') {
  return browser.submit(page, '/sign-in', { user, password })
}

/** The whole way to the callback, with a browser of its own. */
export async function authorized(
  server: TestServer,
  configuration: oauth.Configuration,
  user: string,
  deviceId: string,
): Promise<Started & { callback: URL }> {
  const started = await begin(configuration, deviceId)
  const browser = new TestBrowser(server.url)
  const consent = await signIn(browser, await browser.open(started.url.href), user)
  const end = await browser.submit(consent, '/authorize', { decision: 'allow' })
  return { ...started, callback: new URL(end.url) }
}

/** The tokens of a whole login. */
export async function loggedIn(
  server: TestServer,
  configuration: oauth.Configuration,
  user: string,
  deviceId: string,
) {
  const { callback, verifier, state } = await authorized(server, configuration, user, deviceId)
  return oauth.authorizationCodeGrant(configuration, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
}

/** Sends a form to one of the endpoints that clients call. */
export async function post(url: string | undefined, fields: Readonly<Record<string, string>>) {
  const response = await fetch(url!, { method: 'POST', body: new URLSearchParams(fields) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
