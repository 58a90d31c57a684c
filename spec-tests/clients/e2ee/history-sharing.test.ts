import { EventType, HistoryVisibility, KnownMembership, Preset } from 'matrix-js-sdk'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startRegionPair } from '../../support/region-pair.ts'
import { knows } from './company.ts'
import { EncryptedDevice } from './encrypted-device.ts'

const PAST = ['said long ago', 'and not so long ago']

async function roomWithPast(owner: EncryptedDevice, visibility: HistoryVisibility): Promise<string> {
  const { room_id: roomId } = await owner.client.createRoom({
    preset: Preset.PrivateChat,
    initial_state: [
      { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      {
        type: EventType.RoomHistoryVisibility,
        state_key: '',
        content: { history_visibility: visibility },
      },
    ],
  })
  await knows(owner, roomId, [owner])
  for (const text of PAST) await owner.say(roomId, text)
  return roomId
}

/** Invites and joins; the library shares with the invite what later members may see, and takes it at the join. */
async function bringIn(
  owner: EncryptedDevice,
  guest: EncryptedDevice,
  roomId: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await owner.client.invite(roomId, guest.userId)
  await eventually(
    `the invite of ${guest.userId}`,
    () => guest.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite,
  )
  await meanwhile()
  await guest.client.joinRoom(roomId)
  await knows(guest, roomId, [owner, guest])
}

test('who is invited with the room keys of the past reads it at another server, both killed meanwhile (MSC4268)', async () => {
  await using pair = await startRegionPair({ north: 'embedded', south: 'embedded' })
  const { north, south } = pair
  await pair.withLogs(async () => {
    const alice = await EncryptedDevice.register(north.url, 'alice')
    const bob = await EncryptedDevice.register(south.url, 'bob')
    const berta = await EncryptedDevice.register(south.url, 'berta')
    const devices = [alice, bob, berta]
    using _ = { [Symbol.dispose]: () => devices.forEach((device) => device.stop()) }
    // Room keys of the past are shared between people whose devices are signed.
    await Promise.all(devices.map((device) => device.setUpCrossSigning()))
    const roomId = await roomWithPast(alice, HistoryVisibility.Shared)
    const killBoth = async (): Promise<void> => {
      await Promise.all([north.kill9(), south.kill9()])
      await Promise.all([north.start(), south.start()])
    }

    await bringIn(alice, bob, roomId, killBoth)
    await bob.reads(roomId, PAST)
    await bob.say(roomId, 'I have read it all')
    await alice.reads(roomId, ['I have read it all'])

    // What was said while later members were not to see it stays out of the bundle.
    const closed = await roomWithPast(alice, HistoryVisibility.Joined)
    await bringIn(alice, berta, closed)
    await alice.say(closed, 'welcome')
    await berta.reads(closed, ['welcome'])
    expect(berta.texts(closed)).toEqual(['welcome'])
  })
}, 180_000)
