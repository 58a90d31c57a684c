import type { Device } from './ground.ts'

const ONE_TIME_KEYS = 5

/** Publishes keys of a device in the shape and size of real ones. @param revision another one makes them other keys. */
export async function uploadKeys(device: Device, revision = 0): Promise<void> {
  const { userId, deviceId } = device
  const signed = (content: object): object => ({
    ...content,
    signatures: { [userId]: { [`ed25519:${deviceId}`]: 's'.repeat(86) } },
  })
  const oneTimeKeys = Array.from({ length: revision === 0 ? ONE_TIME_KEYS : 0 }, (_, index) => [
    `signed_curve25519:${index}`,
    signed({ key: `${index}`.padEnd(43, 'k') }),
  ])
  await device.call('POST', '/keys/upload', {
    device_keys: signed({
      user_id: userId,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: {
        [`curve25519:${deviceId}`]: `${revision}`.padEnd(43, 'c'),
        [`ed25519:${deviceId}`]: 'e'.repeat(43),
      },
    }),
    one_time_keys: Object.fromEntries(oneTimeKeys) as object,
  })
}
