import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { signedRequest, type WireAnswer } from './support/signed-request.ts'

let world: HostileWorld
beforeAll(async () => {
  const rc_federation = {
    window_size: 1_000,
    sleep_limit: 5,
    sleep_delay: 200,
    reject_limit: 10,
    concurrent: 2,
  }
  world = await hostileWorld({ rc_federation })
})
afterAll(() => world.close())

/** Far more than a server may ask at once. */
const FLOOD = 150
/** What a local user's request may take meanwhile, on a machine that does other things too. */
const PATIENCE_MS = 3_000

const ask = (target: string): Promise<WireAnswer> =>
  signedRequest(world.peer, world.federation, 'GET', `/_matrix/federation/v1${target}`)

test('a server that floods is slowed down and refused, while local users are served', async () => {
  const alice = await world.register('alice')
  const profile = `/query/profile?user_id=${encodeURIComponent(alice.userId)}`
  expect((await ask(profile)).status).toBe(200)
  const flood = Promise.all(Array.from({ length: FLOOD }, () => ask(profile)))
  const start = performance.now()
  for (let round = 0; round < 10; round++) await alice.call('GET', '/account/whoami')
  await alice.createRoom()
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
  const answers = await flood
  const refused = answers.filter(({ status }) => status === 429)
  expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
  expect(refused.length).toBeGreaterThan(FLOOD / 3)
  expect(JSON.parse(refused[0]!.text)).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1_000 })
  expect((await ask(profile)).status).toBe(200)
  expect(world.takeFailures()).toEqual([])
})

test('who only says that they are that server takes nothing of its turns', async () => {
  const server = { ownKeys: { sign: (): { keyId: string; signature: string } => forged } }
  const forged = { keyId: world.peer.server.ownKeys.sign('').keyId, signature: 'A'.repeat(86) }
  const impostor = { serverName: THERE, server }
  const flood = Array.from({ length: 30 }, () =>
    signedRequest(impostor, world.federation, 'GET', '/_matrix/federation/v1/query/nothing'),
  )
  const answers = await Promise.all(flood)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
  expect((await ask('/query/nothing')).status).toBe(404)
})

test('transactions that come in floods are received or refused, none is lost in silence', async () => {
  const send = (name: string): Promise<WireAnswer> => {
    const body = JSON.stringify({ origin: THERE, origin_server_ts: Date.now(), pdus: [], edus: [] })
    return signedRequest(world.peer, world.federation, 'PUT', `/_matrix/federation/v1/send/${name}`, body)
  }
  const answers = await Promise.all(Array.from({ length: FLOOD }, (_, index) => send(`flood${index}`)))
  for (const { status, text } of answers) {
    if (status === 200) expect(JSON.parse(text)).toEqual({ pdus: {} })
    else
      expect([status, (JSON.parse(text) as { errcode: string }).errcode]).toEqual([429, 'M_LIMIT_EXCEEDED'])
  }
  expect((await send('after')).status).toBe(200)
  expect(world.takeFailures()).toEqual([])
})
