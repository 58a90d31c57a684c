import { HERE, THERE } from './hostile-world.ts'

/** What a test has on its server: a room that `userId` and a user of another server are in, and an event of it. */
export interface Subjects {
  readonly userId: string
  readonly deviceId: string
  readonly otherUserId: string
  readonly roomId: string
  readonly roomAlias: string
  readonly eventId: string
  readonly since: string
}

/** Values of parameters of path and query by name, with which requests get further than nonsense does. */
export function soundParameters(subjects: Subjects): Readonly<Record<string, readonly string[]>> {
  const { userId, deviceId, otherUserId, roomId, roomAlias, eventId, since } = subjects
  return {
    roomId: [roomId],
    roomIdOrAlias: [roomId, roomAlias],
    roomAlias: [roomAlias, `#new:${HERE}`],
    room_alias: [roomAlias],
    userId: [userId, otherUserId],
    user_id: [userId, otherUserId],
    deviceId: [deviceId, 'OTHER'],
    eventId: [eventId],
    event_id: [eventId],
    v: [eventId],
    ver: ['12', '1', '99'],
    eventType: ['m.room.message', 'm.room.member', 'm.room.power_levels', 'm.room.server_acl', 'x.y'],
    stateKey: [userId, otherUserId, 'x'],
    type: ['x.y', 'm.push_rules', 'm.ignored_user_list'],
    keyName: ['displayname', 'avatar_url', 'm.tz', 'x.y'],
    field: ['displayname', 'x.y'],
    kind: ['override', 'content', 'room', 'sender', 'underride'],
    ruleId: ['mine', '.m.rule.master'],
    filterId: ['0', '1', '-1', '9223372036854775808'],
    receiptType: ['m.read', 'm.read.private', 'm.fully_read'],
    serverName: [HERE, THERE],
    keyId: ['ed25519:test'],
    since: [since, 's-1', 'x', '9'.repeat(30)],
    from: [since, 't1', 'x'],
    to: [since, 't1'],
    at: [since, 'x'],
    dir: ['b', 'f', 'x'],
    limit: ['0', '1', '-1', '1e9', '9'.repeat(30)],
    filter: ['{}', '{"room":{"timeline":{"limit":-1,"types":["*"]}}}', '{"room":7}', '{', '0'],
    membership: ['join', 'x'],
    not_membership: ['leave'],
    format: ['event', 'content', 'x'],
    via: [THERE, HERE, 'x'],
    full_state: ['true', 'x'],
    suggested_only: ['true', 'x'],
    max_depth: ['0', '1', '-1', '9'.repeat(30)],
    server: [HERE, 'x y'],
    username: ['free', 'Not Free'],
    redirectUrl: ['https://client.example/?a=b', 'element://x', 'javascript:x'],
    response_type: ['code'],
    action: ['login', 'register', 'org.matrix.device_view'],
    user_code: ['BCDF-GHJK'],
    continue: ['/_matrix/client/meridian/account', '//evil.example'],
    minimum_valid_until_ts: ['1', '9'.repeat(30)],
  }
}

/** A public key: any 32 bytes. */
const KEY = 'A'.repeat(43)

/** Bodies by endpoint that are right, or nearly: what random changes make of them is what hostile clients send. */
export function soundBodies(subjects: Subjects): Readonly<Record<string, object>> {
  const { userId, deviceId, otherUserId, eventId } = subjects
  const v3 = '/_matrix/client/v3'
  const room = `${v3}/rooms/:roomId`
  const password = 'correct horse battery'
  const dummy = { type: 'm.login.dummy' }
  const authed = { type: 'm.login.password', identifier: { type: 'm.id.user', user: userId }, password }
  const rule = `${v3}/pushrules/global/:kind/:ruleId`
  const event = { content: { membership: 'join', displayname: 'A', users: { [userId]: 100 }, allow: ['*'] } }
  const target = { user_id: otherUserId, reason: 'because' }
  return {
    [`POST ${v3}/register`]: { username: 'new', password, device_id: 'D', auth: dummy, refresh_token: true },
    'POST /_synapse/admin/v1/register': { nonce: 'n', username: 'u', password, mac: 'aa', admin: false },
    [`POST ${v3}/login`]: {
      ...authed,
      device_id: 'D',
      initial_device_display_name: 'N',
      refresh_token: true,
    },
    'POST /_matrix/client/v1/login/get_token': { auth: authed },
    [`POST ${v3}/refresh`]: { refresh_token: 'r' },
    'POST /_matrix/client/meridian/oauth2/register': {
      client_name: 'N',
      client_uri: 'https://client.example/',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/', 'example.client:/x', 'https://client.example/y'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
    [`POST ${v3}/account/password`]: { new_password: password, logout_devices: false, auth: authed },
    [`POST ${v3}/account/deactivate`]: { auth: { ...authed, password: 'wrong' }, erase: false },
    [`PUT ${v3}/devices/:deviceId`]: { display_name: 'N' },
    [`POST ${v3}/keys/upload`]: {
      device_keys: {
        user_id: userId,
        device_id: deviceId,
        algorithms: ['m.megolm.v1.aes-sha2'],
        keys: { [`ed25519:${deviceId}`]: 'k' },
        signatures: { [userId]: { [`ed25519:${deviceId}`]: 's' } },
      },
      one_time_keys: { 'signed_curve25519:A': { key: 'k', signatures: {} }, 'curve25519:B': 'k' },
      fallback_keys: { 'signed_curve25519:F': { key: 'k', fallback: true } },
    },
    [`POST ${v3}/keys/query`]: { device_keys: { [userId]: [deviceId], [otherUserId]: [] }, timeout: 10 },
    [`POST ${v3}/keys/claim`]: {
      one_time_keys: { [userId]: { [deviceId]: 'signed_curve25519' }, [otherUserId]: { D: 'x' } },
      timeout: 10,
    },
    [`POST ${v3}/keys/signatures/upload`]: {
      [userId]: {
        [deviceId]: { user_id: userId, device_id: deviceId, keys: {}, signatures: { [userId]: {} } },
      },
    },
    [`POST ${v3}/keys/device_signing/upload`]: {
      master_key: { user_id: userId, usage: ['master'], keys: { [`ed25519:${KEY}`]: KEY }, signatures: {} },
      auth: authed,
    },
    [`DELETE ${v3}/devices/:deviceId`]: { auth: { ...authed, session: 's' } },
    [`POST ${v3}/delete_devices`]: { devices: [deviceId, 'OTHER'], auth: { ...authed, password: 'wrong' } },
    [`PUT ${v3}/profile/:userId/:keyName`]: {
      displayname: 'A',
      avatar_url: 'mxc://a/b',
      'm.tz': 'UTC',
      'x.y': {},
    },
    [`POST ${v3}/user/:userId/filter`]: {
      event_fields: ['content.body'],
      room: { rooms: ['!a:b'], timeline: { limit: 5, types: ['m.*'], lazy_load_members: true } },
    },
    [`PUT ${v3}/user/:userId/account_data/:type`]: { ignored_users: { [otherUserId]: {} } },
    [`PUT ${rule}`]: {
      actions: ['notify', { set_tweak: 'sound', value: 'default' }],
      conditions: [{ kind: 'event_match', key: 'content.body', pattern: 'a*' }],
      pattern: 'a*',
    },
    [`PUT ${rule}/enabled`]: { enabled: true },
    [`PUT ${rule}/actions`]: { actions: ['notify'] },
    [`POST ${v3}/createRoom`]: {
      preset: 'public_chat',
      name: 'N',
      topic: 'T',
      room_version: '12',
      invite: [otherUserId],
      creation_content: { 'm.federate': true, type: 'm.space', predecessor: { room_id: '!a:b' } },
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'invite' } }],
      power_level_content_override: { users_default: 1, events: { 'm.room.name': 50 }, notifications: {} },
    },
    [`POST ${v3}/join/:roomIdOrAlias`]: { reason: 'because', third_party_signed: {} },
    [`POST ${room}/leave`]: { reason: 'because' },
    [`POST ${room}/invite`]: target,
    [`POST ${room}/kick`]: target,
    [`POST ${room}/ban`]: target,
    [`POST ${room}/unban`]: target,
    [`PUT ${room}/send/:eventType/:txnId`]: {
      msgtype: 'm.text',
      body: 'b',
      'm.relates_to': { rel_type: 'm.thread', event_id: eventId },
    },
    [`PUT ${room}/redact/:eventId/:txnId`]: { reason: 'because' },
    [`PUT ${room}/state/:eventType/:stateKey`]: event.content,
    [`PUT ${room}/state/:eventType`]: event.content,
    [`POST ${v3}/search`]: {
      search_categories: {
        room_events: {
          search_term: 'hello "a phrase" -not',
          keys: ['content.body', 'content.topic'],
          order_by: 'recent',
          filter: { limit: 5, rooms: [subjects.roomId], not_senders: [otherUserId], contains_url: false },
          event_context: { before_limit: 2, after_limit: 2, include_profile: true },
          groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] },
          include_state: true,
        },
      },
    },
    [`POST ${v3}/user_directory/search`]: { search_term: 'alice', limit: 5 },
    [`POST ${v3}/publicRooms`]: {
      limit: 1,
      since: 'n1_1',
      filter: { generic_search_term: 'n', room_types: ['m.space', null] },
      include_all_networks: true,
    },
    [`PUT ${v3}/directory/list/room/:roomId`]: { visibility: 'public' },
    [`PUT ${v3}/directory/room/:roomAlias`]: { room_id: subjects.roomId },
    [`POST ${room}/upgrade`]: { new_version: '12', additional_creators: [otherUserId] },
    [`POST ${room}/report`]: { reason: 'because' },
    [`POST ${room}/report/:eventId`]: { reason: 'because', score: -100 },
    [`POST ${v3}/users/:userId/report`]: { reason: 'because' },
    'POST /_synapse/admin/v1/send_server_notice': {
      user_id: otherUserId,
      type: 'm.room.message',
      content: { msgtype: 'm.text', body: 'b' },
    },
    [`PUT ${room}/typing/:userId`]: { typing: true, timeout: 30_000 },
    [`POST ${room}/receipt/:receiptType/:eventId`]: { thread_id: 'main' },
    [`POST ${room}/read_markers`]: { 'm.read': eventId, 'm.fully_read': eventId },
    'POST /_matrix/key/v2/query': {
      server_keys: { [THERE]: { 'ed25519:test': { minimum_valid_until_ts: 1_234 } } },
    },
  }
}
