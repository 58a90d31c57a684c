import { KnownMembership, type MatrixEvent } from 'matrix-js-sdk'
import { expect } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { assembleCompany, knows, type Side } from './company.ts'
import type { EncryptedDevice } from './encrypted-device.ts'

/** What nobody but the creator's devices was told the key of. */
const BEFORE = 'before anybody came'

/** What befalls the servers meanwhile. */
export interface Upset {
  first(): Promise<void>
  second(): Promise<void>
}

const PEACE: Upset = { first: async () => undefined, second: async () => undefined }

/**
 * The life of an encrypted room over two servers: everybody reads everything; a new device signs itself, gets the room
 * keys back and reads what its user may; who was removed reads nothing new; who was away all the time reads everything.
 *
 * @param upset befalls both servers while everybody speaks, and each while a new device comes at the other.
 */
export async function tellStory(first: Side, second: Side, upset: Upset = PEACE): Promise<void> {
  using company = await assembleCompany(first, second, BEFORE)
  const { roomId, alice, anna, adam, berta, ben, devices } = company
  const said: string[] = []
  const say = async (device: EncryptedDevice, text: string): Promise<void> => {
    const body = `${text}, says ${device.userId} on ${device.deviceId}`
    await device.say(roomId, body)
    said.push(body)
  }

  ben.line.cut()
  const present = devices.filter((device) => device !== ben)
  await Promise.all(present.map((device) => say(device, 'hello')))
  await Promise.all(present.map((device) => device.reads(roomId, said)))
  // With new room keys, which have to get through as well.
  for (const befall of [upset.second, upset.first]) {
    await Promise.all(present.map((device) => device.crypto.forceDiscardSession(roomId)))
    await Promise.all([befall(), ...present.map((device) => say(device, `hello ${said.length}`))])
  }
  await Promise.all(present.map((device) => device.reads(roomId, said)))
  const roomKeys = said.length

  for (const [user, befall] of [
    [anna, upset.second],
    [berta, upset.first],
  ] as const) {
    await user.backedUp(roomKeys)
    const [newcomer] = await Promise.all([user.another(), befall()])
    using _ = { [Symbol.dispose]: () => newcomer.stop() }
    await knows(newcomer, roomId, [alice, user])
    expect(newcomer.texts(roomId)).toEqual([])
    expect(await newcomer.recover(user.recoveryKey!)).toBeGreaterThanOrEqual(roomKeys)
    await newcomer.reads(roomId, said)
    expect(newcomer.texts(roomId)).not.toContain(BEFORE)
    for (const other of [alice, company.bob]) {
      await eventually(`${other.userId} sees that the new device is signed`, async () => {
        const status = await other.crypto.getDeviceVerificationStatus(user.userId, newcomer.deviceId)
        return status?.signedByOwner
      })
    }
    await say(alice, `welcome, ${newcomer.deviceId}`)
    await newcomer.reads(roomId, said)
    await say(newcomer, 'thank you')
    await Promise.all(present.map((device) => device.reads(roomId, said)))
  }

  await alice.client.kick(roomId, adam.userId)
  const remaining = present.filter((device) => device !== adam)
  await Promise.all(
    remaining.map((device) =>
      eventually(
        `${device.userId} sees that adam is gone`,
        () => device.client.getRoom(roomId)?.getMember(adam.userId)?.membership === KnownMembership.Leave,
      ),
    ),
  )
  const heard = [...said]
  for (const device of remaining) await say(device, 'among us')
  await Promise.all(remaining.map((device) => device.reads(roomId, said)))
  await adam.reads(roomId, heard)
  const secrets = encryptedEvents(alice, roomId).slice(-remaining.length)
  for (const event of secrets) expect(await adam.canDecrypt(event)).toBe(false)
  expect(adam.texts(roomId)).toEqual(expect.not.arrayContaining(said.slice(heard.length)))

  ben.line.mend()
  await ben.reads(roomId, said)
  await say(ben, 'I am back')
  await Promise.all([ben, ...remaining].map((device) => device.reads(roomId, said)))
}

function encryptedEvents(device: EncryptedDevice, roomId: string): MatrixEvent[] {
  const events = device.client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? []
  return events.filter((event) => event.isEncrypted())
}
