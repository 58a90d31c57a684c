import { expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { eventually } from '../support/eventually.ts'
import { IDENTITY_TOKEN, startIdentityServer, type TestIdentityServer } from '../support/identity-server.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

/** Identity servers reach homeservers where other servers do; these here also without TLS. */
const LISTENERS = [
  { port: 0, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client', 'federation'] }] },
  { port: 0, tls: true, bind_addresses: ['127.0.0.1'], resources: [{ names: ['federation', 'keys'] }] },
]
const ONBIND = '/_matrix/federation/v1/3pid/onbind'

let identity: TestIdentityServer
let alice: TestClient

async function register(url: string, localpart: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(localpart)
  return client
}

function invite(roomId: string, address: string, changes: Json = {}) {
  const who = { id_server: identity.name, id_access_token: IDENTITY_TOKEN, medium: 'email', address }
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/invite`
  return alice.request('POST', path, { ...who, ...changes })
}

async function membershipOf(roomId: string, userId: string): Promise<Json | undefined> {
  const state = await alice.state(roomId)
  const member = state.find(({ type, state_key: key }) => type === 'm.room.member' && key === userId)
  return member?.['content'] as Json | undefined
}

const isInvited = (client: TestClient, roomId: string) =>
  eventually(`the invite of ${client.userId}`, async () => {
    const { invite: invites } = (await client.sync())['rooms'] as Record<string, Json>
    return invites !== undefined && roomId in invites
  })

test('whoever has an e-mail address is invited, here and through another server', async () => {
  identity = await startIdentityServer()
  try {
    await using pair = await startRegionPair(
      {},
      { listeners: LISTENERS, trusted_identity_servers: [identity.url] },
    )
    await pair.withLogs(async () => {
      alice = await register(pair.north.url, 'alice')
      const bob = await register(pair.south.url, 'bob')
      const carol = await register(pair.north.url, 'carol')
      await isInvitedOnceBound(bob)
      await isInvitedAtOnceWhereBound(bob)
      await isInvitedOnTheSameServer(carol)
      await isRefusedWithoutProof(bob, pair.south.url)
      await isRefusedByAKeyThatIsNotValid(bob, pair.south.url)
      await isToldWhatIsWrong()
      await mayBeWishedForANewRoom()
    })
  } finally {
    await identity.close()
  }
}, 120_000)

async function isInvitedOnceBound(bob: TestClient): Promise<void> {
  const roomId = await alice.createRoom({ name: 'Garden', preset: 'private_chat' })
  expect((await invite(roomId, 'Bob@Example.org')).status).toBe(200)
  const [kept] = identity.kept
  expect(kept?.details).toMatchObject({
    address: 'bob@example.org',
    room_id: roomId,
    sender: alice.userId,
    room_name: 'Garden',
    room_join_rules: 'invite',
  })
  const waiting = (await alice.state(roomId)).find(({ type }) => type === 'm.room.third_party_invite')
  expect(waiting).toMatchObject({ state_key: kept?.token, content: { display_name: 'b...@e...' } })
  expect(JSON.stringify(await alice.state(roomId))).not.toContain('example.org')

  expect(await identity.bind('bob@example.org', bob.userId, bob.url)).toBe(200)
  await isInvited(bob, roomId)
  expect(identity.asked).toContain('pubkey/isvalid')
  const invited = await eventually('the invite in the room', () => membershipOf(roomId, bob.userId))
  expect(invited).toMatchObject({
    membership: 'invite',
    third_party_invite: { display_name: 'b...@e...', signed: { mxid: bob.userId, token: kept?.token } },
  })
  await bob.join(roomId, ['north.test'])
  await eventually(
    'bob in the room',
    async () => (await membershipOf(roomId, bob.userId))?.['membership'] === 'join',
  )
}

async function isInvitedAtOnceWhereBound(bob: TestClient): Promise<void> {
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  expect((await invite(roomId, 'bob@example.org')).status).toBe(200)
  await isInvited(bob, roomId)
  expect((await alice.state(roomId)).some(({ type }) => type === 'm.room.third_party_invite')).toBe(false)
}

async function isInvitedOnTheSameServer(carol: TestClient): Promise<void> {
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  await invite(roomId, 'carol@example.org')
  expect(await identity.bind('carol@example.org', carol.userId, carol.url)).toBe(200)
  await isInvited(carol, roomId)
}

/** Anybody can tell a server of invites; what the key of the invite has not signed is none. */
async function isRefusedWithoutProof(bob: TestClient, url: string): Promise<void> {
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  await invite(roomId, 'mallory@example.org')
  const forged = identity.notification('mallory@example.org', bob.userId, createSigningKey(createSeed(), '0'))
  const put = (body: unknown) => fetch(url + ONBIND, { method: 'PUT', body: JSON.stringify(body) })
  expect((await put(forged)).status).toBe(200)
  const others = identity.notification('mallory@example.org', '@other:south.test')
  expect((await put({ ...others, mxid: bob.userId })).status).toBe(400)
  expect((await put({ ...forged, mxid: '@nobody:south.test', invites: [] })).status).toBe(404)
  expect((await put({ ...forged, invites: 17 })).status).toBe(400)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await membershipOf(roomId, bob.userId)).toBeUndefined()
}

async function isRefusedByAKeyThatIsNotValid(bob: TestClient, url: string): Promise<void> {
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  await invite(roomId, 'late@example.org')
  identity.keysAreValid = false
  const questions = identity.asked.length
  expect(await identity.bind('late@example.org', bob.userId, url)).toBe(200)
  await eventually('the question about the key', () =>
    identity.asked.slice(questions).includes('pubkey/isvalid'),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await membershipOf(roomId, bob.userId)).toBeUndefined()
  identity.keysAreValid = true
}

async function isToldWhatIsWrong(): Promise<void> {
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  const elsewhere = await invite(roomId, 'x@example.org', { id_server: 'elsewhere.example' })
  expect(elsewhere).toMatchObject({ status: 403, body: { errcode: 'M_SERVER_NOT_TRUSTED' } })
  const unknown = await invite(roomId, 'x@example.org', { id_access_token: 'wrong' })
  expect(unknown).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  for (const address of ['', 'no address', 'a@b\0c']) {
    expect(await invite(roomId, address)).toMatchObject({ status: 400, body: { errcode: 'M_INVALID_PARAM' } })
  }
  const elsewhereRoom = await invite('!nowhere:north.test', 'x@example.org')
  expect(elsewhereRoom).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
}

async function mayBeWishedForANewRoom(): Promise<void> {
  const wish = { id_server: identity.name, id_access_token: IDENTITY_TOKEN, medium: 'email' }
  const roomId = await alice.createRoom({ invite_3pid: [{ ...wish, address: 'new@example.org' }] })
  expect((await alice.state(roomId)).some(({ type }) => type === 'm.room.third_party_invite')).toBe(true)
  const refused = await alice.request('POST', '/_matrix/client/v3/createRoom', {
    invite_3pid: [{ ...wish, id_server: 'elsewhere.example', address: 'new@example.org' }],
  })
  expect(refused).toMatchObject({ status: 403, body: { errcode: 'M_SERVER_NOT_TRUSTED' } })
}
