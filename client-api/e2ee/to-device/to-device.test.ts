import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'
import { goLive } from '../../live/live-client.fixture.ts'
import { slide } from '../../sliding-sync/sliding-client.fixture.ts'
import { drain, logIn, numbersOf, sendTo } from './to-device.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let laptop: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob', 'PHONE')
  laptop = await logIn(server.anonymous(), 'bob', 'LAPTOP')
})
afterAll(() => server.close())

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const tokenOf = async (client: TestClient) => String((await client.sync({ timeout: '0' }))['next_batch'])

it('wakes the device that a message is for, and no other one has it', async () => {
  const [since, other] = [await tokenOf(bob), await tokenOf(laptop)]
  const waiting = bob.sync({ since, timeout: '30000' })
  await sendTo(alice, { [bob.userId]: { PHONE: { n: 1, nul: '\0', odd: '\ud800' }, NOBODY: { n: 2 } } })
  const answer = await waiting
  expect(answer['to_device']).toEqual({
    events: [{ type: 'org.example.test', sender: alice.userId, content: { n: 1, nul: '\0', odd: '\ud800' } }],
  })
  expect(numbersOf(await laptop.sync({ since: other, timeout: '0' }))).toEqual([])
})

it('keeps a message until it is acknowledged, and tells it no more then', async () => {
  const { next: since } = await drain(bob)
  await sendTo(alice, { [bob.userId]: { '*': { n: 1 }, PHONE: { n: 7 } } })
  const first = await bob.sync({ since, timeout: '0' })
  expect([numbersOf(first), numbersOf(await bob.sync({ since, timeout: '0' }))]).toEqual([[1], [1]])
  await sendTo(alice, { [bob.userId]: { PHONE: { n: 2 } } })
  const second = await bob.sync({ since: String(first['next_batch']), timeout: '0' })
  expect(numbersOf(second)).toEqual([2])
  expect(numbersOf(await bob.sync({ since, timeout: '0' }))).toEqual([2])
  await bob.sync({ since: String(second['next_batch']), timeout: '0' })
  expect((await drain(bob)).answers).toEqual([])
  expect((await drain(laptop)).answers).toEqual([[1]])
})

it('does a repeated request once, also while the first is under way', async () => {
  const again = () => sendTo(alice, { [bob.userId]: { PHONE: { n: 3 } } }, 'again')
  await Promise.all([again(), again(), again()])
  await again()
  expect((await drain(bob)).answers).toEqual([[3]])
})

describe('a long backlog', () => {
  it('comes in order, a hundred an answer, without waiting and without loss when answers are lost', async () => {
    const { next } = await drain(bob)
    for (const n of count(1, 250)) await sendTo(alice, { [bob.userId]: { PHONE: { n } } })
    const first = await bob.sync({ since: next, timeout: '30000' })
    expect(numbersOf(first)).toEqual(count(1, 100))
    const since = String(first['next_batch'])
    for (const _ of [1, 2, 3]) {
      expect(numbersOf(await bob.sync({ since, timeout: '30000' }))).toEqual(count(101, 200))
    }
    const lost = await bob.sync({ since, timeout: '30000' })
    await sendTo(alice, { [bob.userId]: { PHONE: { n: 251 } } })
    expect((await drain(bob, String(lost['next_batch']))).answers).toEqual([count(201, 251)])
    expect((await drain(bob)).answers).toEqual([])
  })

  it('comes over a live socket each message once, and again what was not acknowledged', async () => {
    const { next: since } = await drain(bob)
    for (const n of count(1, 250)) await sendTo(alice, { [bob.userId]: { PHONE: { n } } })
    const live = await goLive(bob, { since })
    const frames = [await live.next(), await live.next(), await live.next()]
    expect(frames.map(numbersOf)).toEqual([count(1, 100), count(101, 200), count(201, 250)])
    live.socket.close()
    await live.closed
    const resumed = await goLive(bob, { since: frames[0]!['next_batch'] })
    expect(numbersOf(await resumed.take())).toEqual(count(101, 200))
    expect(numbersOf(await resumed.take())).toEqual(count(201, 250))
    resumed.socket.close()
    await resumed.closed
    await drain(bob)
  })

  it('goes by the token of the extension in sliding sync', async () => {
    await drain(bob)
    for (const n of count(1, 150)) await sendTo(alice, { [bob.userId]: { PHONE: { n } } })
    const ask = (since?: unknown, pos?: string, limit = 1_000) =>
      slide(
        bob,
        {
          conn_id: 'e',
          extensions: { to_device: { enabled: true, limit, ...(since !== undefined && { since }) } },
        },
        pos,
        20_000,
      )
    const numbers = ({ extensions }: Awaited<ReturnType<typeof ask>>) =>
      numbersOf({ to_device: extensions['to_device'] })
    const first = await ask()
    expect(numbers(first)).toEqual(count(1, 100))
    const since = first.extensions['to_device']!['next_batch']
    expect(numbers(await ask(undefined, first.pos))).toEqual(count(1, 100))
    expect(numbers(await ask(since, undefined, 30))).toEqual(count(101, 130))
    const second = await ask(since)
    expect(numbers(second)).toEqual(count(101, 150))
    const waiting = ask(second.extensions['to_device']!['next_batch'], second.pos)
    await sendTo(alice, { [bob.userId]: { PHONE: { n: 151 } } })
    expect(numbers(await waiting)).toEqual([151])
    await drain(bob)
  })
})

it('goes with its device', async () => {
  const tablet = await logIn(server.anonymous(), 'bob', 'TABLET')
  await sendTo(alice, { [bob.userId]: { TABLET: { n: 1 } } })
  await tablet.call('POST', '/logout', {})
  await sendTo(alice, { [bob.userId]: { TABLET: { n: 2 } } })
  await logIn(tablet, 'bob', 'TABLET')
  expect((await drain(tablet)).answers).toEqual([])
})

it.each<[string, unknown, number, string]>([
  ['x', {}, 400, 'M_MISSING_PARAM'],
  ['x', { messages: [] }, 400, 'M_BAD_JSON'],
  ['x', { messages: { '@bob:here.test': 7 } }, 400, 'M_BAD_JSON'],
  ['x', { messages: { '@bob:here.test': { PHONE: 'x' } } }, 400, 'M_BAD_JSON'],
  ['x', { messages: { '@bob:here.test': { PHONE: { x: 'x'.repeat(65_537) } } } }, 413, 'M_TOO_LARGE'],
  [
    'x',
    { messages: { '@a:b': Object.fromEntries(count(0, 5_000).map((n) => [n, {}])) } },
    413,
    'M_TOO_LARGE',
  ],
  ['x'.repeat(256), { messages: {} }, 400, 'M_INVALID_PARAM'],
])('refuses what is wrong (%#)', async (type, body, status, errcode) => {
  const answer = await alice.request('PUT', `/_matrix/client/v3/sendToDevice/${type}/${Math.random()}`, body)
  expect([answer.status, answer.body['errcode']]).toEqual([status, errcode])
})

it('passes over names that nobody can have', async () => {
  await sendTo(alice, { nobody: { D: {} }, '@nobody:here.test': { '*': {} }, [bob.userId]: { 'nul\0': {} } })
  expect((await drain(bob)).answers).toEqual([])
})
