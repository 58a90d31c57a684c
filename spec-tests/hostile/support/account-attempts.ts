import { TestClient } from '../../support/test-client.ts'
import { attempt, inPath, V3, type ColumnAttempt } from './column-attempt.ts'

const id = encodeURIComponent
const password = 'correct horse battery'
let count = 0

/** What clients write about themselves. */
export const ACCOUNT_ATTEMPTS: readonly ColumnAttempt[] = [
  {
    name: 'a device id',
    columns: [
      ...['device.device_id', 'access_token.device_id', 'refresh_token.device_id'],
      'client_transaction.device_id',
    ],
    run: async ({ alice }, text) => {
      const identifier = { type: 'm.id.user', user: alice.userId }
      const login = { type: 'm.login.password', identifier, password, device_id: text, refresh_token: true }
      return attempt(alice, 'POST', `${V3}/login`, login, async ({ device_id }) => device_id)
    },
  },
  {
    name: 'the name of a device',
    columns: ['device.display_name'],
    run: ({ alice }, text) => {
      const path = `${V3}/devices/${alice.deviceId}`
      const named = async () => (await alice.call('GET', `/devices/${alice.deviceId}`))['display_name']
      return attempt(alice, 'PUT', path, { display_name: text }, named)
    },
  },
  {
    name: 'a password',
    columns: ['account.password_hash'],
    run: async ({ world }, text) => {
      const client = new TestClient(world.url)
      const username = `hashed${++count}`
      const body = { username, password: `long enough ${text}`, auth: { type: 'm.login.dummy' } }
      return attempt(
        client,
        'POST',
        `${V3}/register`,
        body,
        async () => {
          const identifier = { type: 'm.id.user', user: username }
          const login = { type: 'm.login.password', identifier, password: body.password }
          return (await client.call('POST', '/login', login))['user_id']
        },
        `@${username}:here.test`,
      )
    },
  },
  {
    name: 'a registration token',
    columns: ['registration_token.token', 'uia_session.registration_token'],
    run: async ({ world }, text) => {
      const client = new TestClient(world.url)
      const { body } = await client.request('POST', `${V3}/register`, { username: `t${++count}`, password })
      const auth = { type: 'm.login.registration_token', token: text, session: body['session'] }
      return attempt(client, 'POST', `${V3}/register`, { username: `t${count}`, password, auth })
    },
  },
  {
    name: 'a session of authentication',
    columns: ['uia_session.session_id'],
    run: async ({ world }, text) => {
      const client = new TestClient(world.url)
      const auth = { type: 'm.login.dummy', session: text }
      return attempt(client, 'POST', `${V3}/register`, { username: `s${++count}`, password, auth })
    },
  },
  {
    name: 'a profile',
    columns: ['profile_field.value'],
    run: ({ alice }, text) => {
      const read = async () => (await alice.call('GET', `/profile/${id(alice.userId)}/x.y`))['x.y']
      return attempt(alice, 'PUT', `${V3}/profile/${id(alice.userId)}/x.y`, { 'x.y': text }, read)
    },
  },
  {
    name: 'a display name, which rooms show too',
    columns: ['profile_field.value', 'event.pdu'],
    run: ({ alice }, text) => {
      const read = async () =>
        (await alice.call('GET', `/profile/${id(alice.userId)}/displayname`))['displayname']
      return attempt(
        alice,
        'PUT',
        `${V3}/profile/${id(alice.userId)}/displayname`,
        { displayname: text },
        read,
      )
    },
  },
  {
    name: 'the key of a profile',
    columns: ['profile_field.field'],
    run: ({ alice }, text) =>
      attempt(alice, 'PUT', `${V3}/profile/${id(alice.userId)}/x.${inPath(text)}`, { [`x.${text}`]: 1 }),
  },
  {
    name: 'a filter',
    columns: ['filter.definition'],
    run: ({ alice }, text) => {
      const filter = { room: { timeline: { types: [text] } } }
      const base = `/user/${id(alice.userId)}/filter`
      return attempt(
        alice,
        'POST',
        V3 + base,
        filter,
        ({ filter_id }) => alice.call('GET', `${base}/${filter_id}`),
        filter,
      )
    },
  },
  {
    name: 'account data',
    columns: ['account_data.content'],
    run: ({ alice }, text) => {
      const path = `/user/${id(alice.userId)}/account_data/x.y`
      return attempt(alice, 'PUT', V3 + path, { [text]: text }, () => alice.call('GET', path), {
        [text]: text,
      })
    },
  },
  {
    name: 'the type of account data',
    columns: ['account_data.type'],
    run: ({ alice }, text) => {
      const path = `/user/${id(alice.userId)}/account_data/x${inPath(text)}`
      return attempt(alice, 'PUT', V3 + path, { a: 1 }, () => alice.call('GET', path), { a: 1 })
    },
  },
  {
    name: 'a push rule',
    columns: ['account_data.content'],
    run: ({ alice }, text) => {
      const path = `/pushrules/global/content/mine`
      const read = async () => (await alice.call('GET', path))['pattern']
      return attempt(alice, 'PUT', V3 + path, { pattern: text, actions: ['notify'] }, read)
    },
  },
  {
    name: 'a key that a notary is asked for',
    columns: ['server_key.server_name', 'server_key.key_id'],
    run: ({ alice }, text) =>
      attempt(alice, 'POST', '/_matrix/key/v2/query', {
        server_keys: { [text]: {}, 'there.test': { [text]: {} } },
      }),
  },
]
