import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

async function register(url: string, name: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(name)
  await uploadKeys(client)
  return client
}

async function anotherDevice(of: TestClient): Promise<TestClient> {
  const client = new TestClient(of.url)
  const answer = await client.call('POST', '/login', {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: of.userId },
    password: 'correct horse battery',
  })
  client.userId = of.userId
  client.deviceId = String(answer['device_id'])
  client.token = String(answer['access_token'])
  await uploadKeys(client)
  return client
}

async function uploadKeys(client: TestClient): Promise<void> {
  const { userId, deviceId } = client
  await client.call('POST', '/keys/upload', {
    device_keys: {
      user_id: userId,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2'],
      keys: { [`ed25519:${deviceId}`]: `key of ${deviceId}` },
      signatures: { [userId]: { [`ed25519:${deviceId}`]: 'signature' } },
    },
  })
}

/** The devices of another user whose keys a client gets, sorted; undefined when their server failed. */
async function devicesOf(user: TestClient, by: TestClient): Promise<string[] | undefined> {
  const answer = await by.call('POST', '/keys/query', { device_keys: { [user.userId]: [] }, timeout: 3000 })
  if (Object.keys(answer['failures'] as Json).length > 0) return undefined
  const users = answer['device_keys'] as Record<string, Json>
  return Object.keys(users[user.userId] ?? {}).toSorted()
}

/** Syncs until another user is named in a list. Returns the token after that. */
async function told(
  list: 'changed' | 'left',
  of: TestClient,
  by: TestClient,
  since: string,
): Promise<string> {
  let token = since
  await eventually(`${of.userId} in device_lists.${list}`, async () => {
    const answer = await by.sync({ since: token, timeout: '1000' })
    token = String(answer['next_batch'])
    return ((answer['device_lists'] as Json)[list] as string[]).includes(of.userId)
  })
  return token
}

async function tokenOf(client: TestClient): Promise<string> {
  return String((await client.sync())['next_batch'])
}

test('a change of devices reaches another server, also one that was away, and after our restart', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const alice = await register(pair.north.url, 'alice')
    const bob = await register(pair.south.url, 'bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    let since = await tokenOf(bob)
    await bob.join(roomId, ['north.test'])
    since = await told('changed', alice, bob, since)
    expect(await devicesOf(alice, bob)).toEqual([alice.deviceId])

    // What was asked for once is answered without the other server from now on.
    pair.cut()
    expect(await devicesOf(alice, bob)).toEqual([alice.deviceId])
    pair.heal()

    const second = await anotherDevice(alice)
    since = await told('changed', alice, bob, since)
    const two = [alice.deviceId, second.deviceId].toSorted()
    expect(await devicesOf(alice, bob)).toEqual(two)

    pair.cut()
    const third = await anotherDevice(alice)
    await pair.north.kill9()
    await pair.north.start()
    pair.heal()
    since = await told('changed', alice, bob, since)
    const three = [...two, third.deviceId].toSorted()
    await eventually('the third device', async () => (await devicesOf(alice, bob))?.length === 3)
    expect(await devicesOf(alice, bob)).toEqual(three)

    await second.call('POST', '/logout', {})
    since = await told('changed', alice, bob, since)
    await eventually('the end of the second device', async () => (await devicesOf(alice, bob))?.length === 2)

    await bob.call('POST', `/rooms/${roomId}/leave`, {})
    since = await told('left', alice, bob, since)
    const fourth = await anotherDevice(alice)
    await bob.join(roomId, ['north.test'])
    await told('changed', alice, bob, since)
    const last = [alice.deviceId, third.deviceId, fourth.deviceId].toSorted()
    expect(await devicesOf(alice, bob)).toEqual(last)
  })
}, 180_000)

test('who comes into a room of ours is told of once, and again when a device of theirs changes', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const alice = await register(pair.north.url, 'alice')
    const bob = await register(pair.south.url, 'bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    let since = await tokenOf(alice)
    await bob.join(roomId, ['north.test'])
    since = await told('changed', bob, alice, since)

    // What bob's server says of him with his coming has arrived when this has.
    await bob.say(roomId, 'here')
    for (const wait of ['1000', '1000', '1000']) {
      const answer = await alice.sync({ since, timeout: wait })
      since = String(answer['next_batch'])
      expect((answer['device_lists'] as Json)['changed']).toEqual([])
    }
    expect(await devicesOf(bob, alice)).toEqual([bob.deviceId])

    const second = await anotherDevice(bob)
    await told('changed', bob, alice, since)
    expect(await devicesOf(bob, alice)).toEqual([bob.deviceId, second.deviceId].toSorted())
  })
}, 180_000)
