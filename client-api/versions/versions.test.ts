import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { SPEC_VERSIONS } from './versions.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** One path of what each version gates; a version that gates no endpoint has none. */
const GATED_PATHS: Readonly<Record<string, string>> = {
  'r0.6.1': 'r0/login',
  'v1.1': 'v3/login',
  'v1.2': 'v1/register/m.login.registration_token/validity',
  'v1.3': 'v1/rooms/!r:here.test/relations/$e',
  'v1.4': 'v1/rooms/!r:here.test/threads',
  'v1.6': 'v1/rooms/!r:here.test/timestamp_to_event',
  'v1.10': 'v1/rooms/!r:here.test/relations/$e',
  'v1.11': 'v1/media/thumbnail/here.test/x?width=1&height=1&method=scale',
  'v1.15': 'v1/auth_metadata',
  'v1.16': 'v3/profile/@a:here.test/m.tz',
  'v1.18': 'v1/admin/suspend/@a:here.test',
}

test.each(SPEC_VERSIONS.filter(({ version }) => version in GATED_PATHS))(
  'what $version promises is served',
  async ({ version }) => {
    const { body } = await server.anonymous().request('GET', `/_matrix/client/${GATED_PATHS[version]}`)
    expect(body['errcode']).not.toBe('M_UNRECOGNIZED')
  },
)

test('clients that look for any version they know find one', async () => {
  const { body } = await server.anonymous().request('GET', '/_matrix/client/versions')
  const known = Array.from({ length: 13 }, (_, index) => `v1.${index + 1}`)
  expect(known.some((version) => (body['versions'] as string[]).includes(version))).toBe(true)
})
