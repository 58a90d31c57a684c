import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

function rule(method: string, path: string, body?: unknown) {
  return alice.request(method, `/_matrix/client/v3/pushrules/global/${path}`, body)
}

it('rules are added in their place, changed, shown to syncing clients and deleted', async () => {
  const since = String((await alice.sync())['next_batch'])
  const own = { actions: ['notify'], conditions: [{ kind: 'org.example.unknown', any: [1] }] }
  await rule('PUT', 'override/low', own)
  await rule('PUT', 'override/high?before=low', own)
  await rule('PUT', 'override/middle?after=high', own)
  await rule('PUT', 'override/middle/enabled', { enabled: false })
  await rule('PUT', 'underride/.m.rule.message/actions', { actions: [] })
  const { account_data } = await alice.sync({ since })
  const [event] = (account_data as { events: Json[] }).events
  const { global } = event!['content'] as { global: Record<string, Json[]> }
  expect(global['override']!.slice(0, 4).map(({ rule_id, enabled }) => [rule_id, enabled])).toEqual([
    ['.m.rule.master', false],
    ['high', true],
    ['middle', false],
    ['low', true],
  ])
  expect((await rule('GET', 'override/low')).body).toMatchObject({ ...own, default: false })
  expect((await rule('GET', 'underride/.m.rule.message/actions')).body).toEqual({ actions: [] })
  expect((await rule('DELETE', 'override/low')).status).toBe(200)
  expect((await rule('GET', 'override/low')).status).toBe(404)
})

it('rules of polls are there under the names that clients ask for', async () => {
  const start = await rule('GET', 'underride/.org.matrix.msc3930.rule.poll_start_one_to_one')
  expect(start.body).toMatchObject({ default: true, enabled: true })
  expect(start.body['actions']).toEqual(['notify', { set_tweak: 'sound', value: 'default' }])
  const response = await rule('GET', 'override/.org.matrix.msc3930.rule.poll_response')
  expect(response.body['conditions']).toEqual([
    { kind: 'event_match', key: 'type', pattern: 'org.matrix.msc3381.poll.response' },
  ])
})

it('what is wrong is refused', async () => {
  const fine = { actions: [] }
  const answers = await Promise.all([
    rule('GET', 'postcontent/some'),
    rule('PUT', 'override/.m.rule.mine', fine),
    rule('PUT', 'override/lost?before=nobody', fine),
    rule('PUT', 'content/no-pattern', fine),
    rule('PUT', 'room/no-room', fine),
    rule('PUT', 'override/missing/enabled', { enabled: true }),
    rule('PUT', 'override/.m.rule.master/enabled', { enabled: 'yes' }),
    rule('DELETE', 'override/.m.rule.master'),
  ])
  expect(answers.map(({ status, body }) => [status, body['errcode']])).toEqual([
    [404, 'M_UNRECOGNIZED'],
    [400, 'M_INVALID_PARAM'],
    [400, 'M_UNKNOWN'],
    [400, 'M_MISSING_PARAM'],
    [400, 'M_INVALID_PARAM'],
    [404, 'M_NOT_FOUND'],
    [400, 'M_BAD_JSON'],
    [404, 'M_NOT_FOUND'],
  ])
})
