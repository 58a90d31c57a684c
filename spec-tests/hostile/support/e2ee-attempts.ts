import { attempt, inPath, V3, type ColumnAttempt } from './column-attempt.ts'

const id = encodeURIComponent
const DEHYDRATED = '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'
const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2'
let count = 0

type Tree = { readonly [key: string]: Tree }

/** What clients write for their devices. */
export const E2EE_ATTEMPTS: readonly ColumnAttempt[] = [
  {
    name: 'a message to a device',
    columns: ['to_device_message.event'],
    run: ({ alice }, text) => {
      const content = { [text]: text }
      const messages = { [alice.userId]: { [alice.deviceId]: content, [text]: {} }, [text]: { [text]: {} } }
      const path = `${V3}/sendToDevice/${inPath(text)}/h${++count}`
      const read = async () => {
        const { events } = (await alice.sync())['to_device'] as { events: unknown[] }
        return events.at(-1)
      }
      return attempt(alice, 'PUT', path, { messages }, read, { type: text, sender: alice.userId, content })
    },
  },
  {
    name: 'the algorithm of a backup',
    columns: ['key_backup.algorithm'],
    run: ({ alice }, text) => {
      const read = async () => (await alice.call('GET', '/room_keys/version'))['algorithm']
      return attempt(alice, 'POST', `${V3}/room_keys/version`, { algorithm: text, auth_data: {} }, read)
    },
  },
  {
    name: 'what a backup says of itself',
    columns: ['key_backup.auth_data'],
    run: ({ alice }, text) => {
      const backup = { algorithm: ALGORITHM, auth_data: { [text]: text } }
      const read = async () => (await alice.call('GET', '/room_keys/version'))['auth_data']
      return attempt(alice, 'POST', `${V3}/room_keys/version`, backup, read, backup.auth_data)
    },
  },
  {
    name: 'a key in a backup',
    columns: ['backed_up_key.room_id', 'backed_up_key.session_id', 'backed_up_key.session_data'],
    run: async ({ alice }, text) => {
      const { version } = await alice.call('POST', '/room_keys/version', {
        algorithm: ALGORITHM,
        auth_data: {},
      })
      const key = {
        first_message_index: 0,
        forwarded_count: 0,
        is_verified: true,
        session_data: { [text]: text },
      }
      const path = `/room_keys/keys?version=${String(version)}`
      const rooms = { [text]: { sessions: { [text]: key } } }
      const read = async () => ((await alice.call('GET', path)) as Tree)['rooms']
      return attempt(alice, 'PUT', V3 + path, { rooms }, read, rooms)
    },
  },
  {
    name: 'a dehydrated device',
    columns: ['dehydrated_device.device_id', 'dehydrated_device.device_data'],
    run: ({ alice }, text) => {
      const keys = {
        user_id: alice.userId,
        device_id: text,
        algorithms: [],
        keys: { [`ed25519:${text}`]: 'x', [`curve25519:${text}`]: 'x' },
        signatures: { [alice.userId]: { [`ed25519:${text}`]: 'x' } },
      }
      const data = { [text]: text }
      const device = { device_id: text, device_data: data, device_keys: keys }
      const read = async ({ device_id }: Readonly<Record<string, unknown>>) => {
        const events = `${DEHYDRATED}/${id(String(device_id))}/events`
        const { status } = await alice.request('POST', events, {})
        return [(await alice.request('GET', DEHYDRATED)).body, status]
      }
      return attempt(alice, 'PUT', DEHYDRATED, device, read, [{ device_id: text, device_data: data }, 200])
    },
  },
]
