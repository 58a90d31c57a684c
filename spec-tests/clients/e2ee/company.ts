import { EventType, HistoryVisibility, KnownMembership, Preset } from 'matrix-js-sdk'
import { eventually } from '../../support/eventually.ts'
import { EncryptedDevice } from './encrypted-device.ts'

/** A server, as clients meet it. */
export interface Side {
  readonly url: string
}

const ALGORITHM = 'm.megolm.v1.aes-sha2'

/** Six users of two servers with ten devices, all in one encrypted room. */
export interface Company extends Disposable {
  readonly roomId: string
  /** Of the first server; created the room. */
  readonly alice: EncryptedDevice
  /** Of the first server; has secret storage and a backup of keys. */
  readonly anna: EncryptedDevice
  readonly adam: EncryptedDevice
  /** Of the second server. */
  readonly bob: EncryptedDevice
  /** Of the second server; has secret storage and a backup of keys. */
  readonly berta: EncryptedDevice
  readonly ben: EncryptedDevice
  /** All devices, the users' second ones included. */
  readonly devices: readonly EncryptedDevice[]
}

/** Registers everybody and brings them into a room, in which `before` is said before anybody else has come. */
export async function assembleCompany(first: Side, second: Side, before: string): Promise<Company> {
  const users = await Promise.all([
    ...['alice', 'anna', 'adam'].map((name) => EncryptedDevice.register(first.url, name)),
    ...['bob', 'berta', 'ben'].map((name) => EncryptedDevice.register(second.url, name)),
  ])
  const [alice, anna, adam, bob, berta, ben] = users as [
    EncryptedDevice,
    EncryptedDevice,
    EncryptedDevice,
    EncryptedDevice,
    EncryptedDevice,
    EncryptedDevice,
  ]
  await Promise.all(users.map((user) => user.setUpCrossSigning()))
  await Promise.all([anna, berta].map((user) => user.setUpRecovery()))
  const seconds = await Promise.all([alice, anna, bob, berta].map((user) => user.another()))
  const devices = [...users, ...seconds]

  const { room_id: roomId } = await alice.client.createRoom({
    preset: Preset.PrivateChat,
    initial_state: [
      { type: EventType.RoomEncryption, state_key: '', content: { algorithm: ALGORITHM } },
      {
        type: EventType.RoomHistoryVisibility,
        state_key: '',
        content: { history_visibility: HistoryVisibility.Joined },
      },
    ],
  })
  await knows(alice, roomId, [alice])
  await alice.say(roomId, before)
  for (const user of users.slice(1)) {
    await alice.client.invite(roomId, user.userId)
    await eventually(
      `the invite of ${user.userId}`,
      () => user.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite,
    )
    await user.client.joinRoom(roomId)
  }
  await Promise.all(devices.map((device) => knows(device, roomId, users)))
  return {
    roomId,
    alice,
    anna,
    adam,
    bob,
    berta,
    ben,
    devices,
    [Symbol.dispose]: () => devices.forEach((device) => device.stop()),
  }
}

/** Waits until a device knows that a room is encrypted and who is in it. */
export async function knows(
  device: EncryptedDevice,
  roomId: string,
  members: readonly EncryptedDevice[],
): Promise<void> {
  await eventually(`${device.userId} knows the room`, async () => {
    const room = device.client.getRoom(roomId)
    return (
      members.every(({ userId }) => room?.getMember(userId)?.membership === KnownMembership.Join) &&
      (await device.crypto.isEncryptionEnabledInRoom(roomId))
    )
  })
}
