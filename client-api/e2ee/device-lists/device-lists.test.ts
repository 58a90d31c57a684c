import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
})
afterAll(() => server.close())

async function sync(client: TestClient, since?: string, timeout = 0): Promise<Json> {
  return client.call('GET', `/sync?timeout=${timeout}${since === undefined ? '' : `&since=${since}`}`)
}

async function now(client: TestClient): Promise<string> {
  return String((await sync(client))['next_batch'])
}

/** The lists since a token, from `/sync`; `/keys/changes` must say the same. */
async function lists(client: TestClient, since: string, timeout = 0): Promise<Json> {
  const answer = await sync(client, since, timeout)
  const told = answer['device_lists'] as Json
  const query = `from=${since}&to=${String(answer['next_batch'])}`
  expect(await client.call('GET', `/keys/changes?${query}`)).toEqual(told)
  return told
}

async function rename(client: TestClient, name: string): Promise<void> {
  await client.call('PUT', `/devices/${client.deviceId}`, { display_name: name })
}

async function shareRoom(...clients: readonly TestClient[]): Promise<string> {
  const roomId = await clients[0]!.createRoom({ preset: 'public_chat' })
  for (const client of clients.slice(1)) await client.join(roomId)
  return roomId
}

it('a first sync names nobody', async () => {
  await shareRoom(alice, bob)
  expect((await sync(alice))['device_lists']).toEqual({ changed: [], left: [] })
})

it('who shares a room is told of a change, and the owner; nobody else', async () => {
  await shareRoom(alice, bob)
  const since = { alice: await now(alice), bob: await now(bob), carol: await now(carol) }
  await rename(alice, 'telephone')
  const changed = { changed: [alice.userId], left: [] }
  expect(await lists(bob, since.bob)).toEqual(changed)
  expect(await lists(alice, since.alice)).toEqual(changed)
  expect(await lists(carol, since.carol)).toEqual({ changed: [], left: [] })
})

it('a change wakes a sync that waits', async () => {
  await shareRoom(alice, bob)
  const since = await now(bob)
  const waiting = lists(bob, since, 20_000)
  await rename(alice, 'tablet')
  expect(await waiting).toEqual({ changed: [alice.userId], left: [] })
})

it('who comes and who goes is named on both sides', async () => {
  const dave = await server.register('dave')
  const erin = await server.register('erin')
  const roomId = await shareRoom(dave)
  const since = { dave: await now(dave), erin: await now(erin) }
  await erin.join(roomId)
  expect((await lists(dave, since.dave))['changed']).toEqual([erin.userId])
  expect(new Set((await lists(erin, since.erin))['changed'] as string[])).toEqual(
    new Set([dave.userId, erin.userId]),
  )
  const together = { dave: await now(dave), erin: await now(erin) }
  await erin.call('POST', `/rooms/${roomId}/leave`, {})
  expect(await lists(dave, together.dave)).toEqual({ changed: [], left: [erin.userId] })
  expect(await lists(erin, together.erin)).toEqual({ changed: [], left: [dave.userId] })
})

it('who leaves one of two shared rooms has not left', async () => {
  await shareRoom(alice, bob)
  const roomId = await shareRoom(alice, bob)
  const since = await now(alice)
  await bob.call('POST', `/rooms/${roomId}/leave`, {})
  expect(await lists(alice, since)).toEqual({ changed: [], left: [] })
})

it('who has left is told of those who were there then, and of nobody who came later', async () => {
  const [gina, hans, ida, jan] = await Promise.all(
    ['gina', 'hans', 'ida', 'jan'].map((name) => server.register(name)),
  )
  const roomId = await shareRoom(gina!, hans!, ida!)
  const path = `/rooms/${encodeURIComponent(roomId)}`
  const since = await now(gina!)
  await gina!.call('POST', `${path}/leave`, {})
  await jan!.join(roomId)
  await ida!.call('POST', `${path}/leave`, {})
  const left = [hans!.userId, ida!.userId].toSorted()
  expect(((await lists(gina!, since))['left'] as string[]).toSorted()).toEqual(left)
  const later = await now(gina!)
  await hans!.join(roomId)
  const owner = await shareRoom(hans!)
  await hans!.call('POST', `/rooms/${encodeURIComponent(owner)}/invite`, { user_id: gina!.userId })
  await gina!.call('POST', `/rooms/${encodeURIComponent(owner)}/leave`, {})
  expect(await lists(gina!, later)).toEqual({ changed: [], left: [] })
})

it('a ban after a leave is no second leave', async () => {
  const [kim, lea, max] = await Promise.all(['kim', 'lea', 'max'].map((name) => server.register(name)))
  const roomId = await shareRoom(lea!, kim!)
  const path = `/rooms/${encodeURIComponent(roomId)}`
  const since = await now(kim!)
  await kim!.call('POST', `${path}/leave`, {})
  await max!.join(roomId)
  await lea!.call('POST', `${path}/ban`, { user_id: kim!.userId })
  expect(await lists(kim!, since)).toEqual({ changed: [], left: [lea!.userId] })
})

it('a change of name in a room is no change of devices', async () => {
  await shareRoom(alice, bob)
  const since = await now(alice)
  await bob.call('PUT', `/profile/${bob.userId}/displayname`, { displayname: 'Robert' })
  expect(await lists(alice, since)).toEqual({ changed: [], left: [] })
})

it('a device that ends is a change', async () => {
  const frank = await server.register('frank')
  await shareRoom(alice, frank)
  const since = await now(alice)
  await frank.call('POST', '/logout', {})
  expect(await lists(alice, since)).toEqual({ changed: [frank.userId], left: [] })
})

it('sliding sync tells it in its extension', async () => {
  await shareRoom(alice, bob)
  const path = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
  const body = { extensions: { e2ee: { enabled: true } } }
  const first = await bob.request('POST', path, body)
  await rename(alice, 'watch')
  const next = await bob.request('POST', `${path}?pos=${String(first.body['pos'])}`, body)
  const extension = (next.body['extensions'] as Json)['e2ee'] as Json
  expect(extension['device_lists']).toEqual({ changed: [alice.userId], left: [] })
})

it('key changes want tokens', async () => {
  const token = await now(alice)
  for (const query of [
    `from=${token}`,
    `to=${token}`,
    `from=x&to=${token}`,
    `from=${token}&to=s999999999_a.1`,
  ]) {
    expect((await alice.request('GET', `/_matrix/client/v3/keys/changes?${query}`)).status).toBe(400)
  }
})
