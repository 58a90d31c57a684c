import { EventType, KnownMembership, Preset } from 'matrix-js-sdk'
import {
  CryptoEvent,
  VerificationPhase,
  VerifierEvent,
  type EmojiMapping,
  type VerificationRequest,
  type Verifier,
} from 'matrix-js-sdk/lib/crypto-api/index.js'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startRegionPair } from '../../support/region-pair.ts'
import { knows } from './company.ts'
import { EncryptedDevice } from './encrypted-device.ts'

const SAS = 'm.sas.v1'

/** The next request to verify that a device is shown. */
const nextRequest = ({ client }: EncryptedDevice): Promise<VerificationRequest> =>
  new Promise((resolve) => void client.once(CryptoEvent.VerificationRequestReceived, resolve))

/** Goes through it as a person does who finds the same pictures on both screens. @returns the pictures. */
async function compare(verifier: Verifier, shown: Promise<string>[], own: PromiseWithResolvers<string>) {
  verifier.once(VerifierEvent.ShowSas, async (sas) => {
    own.resolve((sas.sas.emoji ?? []).map(([picture]: EmojiMapping) => picture).join(''))
    const [one, other] = await Promise.all(shown)
    if (one === other) await sas.confirm()
    else sas.mismatch()
  })
  await verifier.verify()
}

/** Both sides of a verification, from a request that one has made and the other has got. */
async function verifyByPictures(made: VerificationRequest, got: VerificationRequest): Promise<void> {
  await got.accept()
  await eventually('the other side is ready', () => made.phase === VerificationPhase.Ready)
  const ours = await made.startVerification(SAS)
  const theirs = await eventually('the verification has begun', () => got.verifier)
  const screens = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const
  const shown = screens.map(({ promise }) => promise)
  await Promise.all([compare(ours, shown, screens[0]), compare(theirs, shown, screens[1])])
  expect(await shown[0]).not.toBe('')
}

test('users of two servers verify each other in a room, and a new device is verified by an old one over to-device', async () => {
  await using pair = await startRegionPair()
  const { north, south } = pair
  await pair.withLogs(async () => {
    const alice = await EncryptedDevice.register(north.url, 'alice')
    const bob = await EncryptedDevice.register(south.url, 'bob')
    const devices = [alice, bob]
    using _ = { [Symbol.dispose]: () => devices.forEach((device) => device.stop()) }
    await Promise.all(devices.map((device) => device.setUpCrossSigning()))
    const { room_id: roomId } = await alice.client.createRoom({
      preset: Preset.TrustedPrivateChat,
      invite: [bob.userId],
      is_direct: true,
      initial_state: [
        { type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      ],
    })
    await eventually(
      'the invite',
      () => bob.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite,
    )
    await bob.client.joinRoom(roomId)
    await Promise.all(devices.map((device) => knows(device, roomId, [alice, bob])))

    const asked = nextRequest(bob)
    const request = await alice.crypto.requestVerificationDM(bob.userId, roomId)
    await verifyByPictures(request, await asked)
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      await eventually(`${other.userId} is verified for ${one.userId}`, async () =>
        (await one.crypto.getUserVerificationStatus(other.userId)).isCrossSigningVerified(),
      )
    }

    const laptop = await alice.another()
    devices.push(laptop)
    const askedAgain = nextRequest(alice)
    await verifyByPictures(await laptop.crypto.requestOwnUserVerification(), await askedAgain)
    // The old device hands its secrets over, by which the new one signs for the user.
    await eventually('the new device has the private keys', async () => {
      const { privateKeysCachedLocally } = await laptop.crypto.getCrossSigningStatus()
      return Object.values(privateKeysCachedLocally).every(Boolean)
    })
    await eventually('bob, who trusts alice, trusts her new device', async () =>
      (await bob.crypto.getDeviceVerificationStatus(alice.userId, laptop.deviceId))?.isVerified(),
    )
  })
}, 120_000)
