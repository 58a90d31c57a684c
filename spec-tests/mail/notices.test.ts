import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, type Database } from '../../storage/database.ts'
import { eventually } from '../support/eventually.ts'
import { registerByMail } from '../support/register-by-mail.ts'
import { startSmtpServer, type ReceivedMail, type SmtpServer } from '../support/smtp.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const GENEROUS = { per_second: 10_000, burst_count: 10_000 }
/** Long enough for a few requests to be made before anything is mailed. */
const DELAY_MS = 1_000
const MINUTE = 60_000

let smtp: SmtpServer
let database: TestDatabase
let sql: Database
let server: TestServer
let alice: TestClient
let count = 0
beforeAll(async () => {
  smtp = await startSmtpServer()
  database = await createTestDatabase()
  sql = openDatabase(database.address)
  server = await startTestServer({
    database: database.address,
    config: {
      public_baseurl: 'http://public.test/',
      rc_3pid_validation: GENEROUS,
      email: {
        notif_from: '%(app)s <noreply@here.test>',
        smtp_host: '127.0.0.1',
        smtp_port: smtp.port,
        app_name: 'Chat',
        enable_notifs: true,
        notif_delay_before_mail: DELAY_MS,
        client_base_url: 'https://chat.test/',
      },
    },
  })
  alice = await server.register('alice')
  await alice.call('PUT', `/profile/${encodeURIComponent(alice.userId)}/displayname`, {
    displayname: 'Alice',
  })
})
afterAll(async () => {
  await server.close()
  await sql.close()
  await database.close()
  await smtp.close()
})

/** A user with a proved address, who has been in a room with Alice for longer than any mail takes. */
async function reader(name?: string): Promise<{ bob: TestClient; address: string; room: string }> {
  const address = `bob${++count}@mail.test`
  const bob = await registerByMail(server.url, smtp, `bob${count}`, address)
  const room = await alice.createRoom({ preset: 'public_chat', ...(name !== undefined && { name }) })
  await bob.join(room)
  return { bob, address, room }
}

/** The n-th mail about messages; the first of all mails proves the address. */
const noticeTo = (address: string, n = 0): Promise<ReceivedMail> => smtp.mailTo(address, n + 1)
const noticesTo = (address: string) => smtp.mails.filter(({ to }) => to.includes(address)).slice(1)

async function pushersOf(client: TestClient): Promise<readonly Json[]> {
  return (await client.call('GET', '/pushers'))['pushers'] as readonly Json[]
}

const mailPusher = (address: string, changes: Json = {}): Json => ({
  kind: 'email',
  app_id: 'm.email',
  pushkey: address,
  app_display_name: 'Email Notifications',
  device_display_name: address,
  lang: 'en',
  data: { brand: 'Element' },
  append: true,
  ...changes,
})

const set = (client: TestClient, pusher: Json) =>
  client.request('POST', '/_matrix/client/v3/pushers/set', pusher)

function unsubscribeUrl({ raw }: ReceivedMail): URL {
  const url = new URL(/^List-Unsubscribe: <(.+)>$/m.exec(raw)![1]!)
  expect(url.host).toBe('public.test')
  expect(raw).toContain(`To get none any more: ${url.href}`)
  return url
}

it('mails new users what stays unread, by room, as text and as HTML', async () => {
  const { bob, address, room } = await reader('Mission <Control>')
  expect(await pushersOf(bob)).toMatchObject([{ kind: 'email', app_id: 'm.email', pushkey: address }])
  const vault = await alice.createRoom({ preset: 'public_chat', name: 'Vault' })
  await bob.join(vault)
  await alice.setState(vault, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
  await alice.send(room, 'm.room.message', { msgtype: 'm.notice', body: 'nobody is told of this' })
  await bob.say(room, 'my own')
  const first = await alice.say(room, 'is <b>anybody</b> there?')
  await alice.send(room, 'm.room.message', { msgtype: 'm.image', body: 'secret-name.png', url: 'mxc://a/b' })
  await alice.say(vault, 'in plain text by mistake')
  await alice.send(vault, 'm.room.encrypted', { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'abc' })
  const { raw } = await noticeTo(address)
  expect(raw).toContain('From: Chat <noreply@here.test>')
  expect(raw).toContain('Subject: [Chat] Unread messages in Vault and other rooms')
  expect(raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  expect(raw).toContain('Auto-Submitted: auto-generated')
  expect(raw).toMatch(/^# Vault\n(.* Alice sent an encrypted message\n){2}https:\/\/chat.test\/#\/room\//m)
  expect(raw).toMatch(/^# Mission <Control>\n.* Alice: is <b>anybody<\/b> there\?\n.* Alice sent an image\n/m)
  expect(raw).toContain(`https://chat.test/#/room/${encodeURIComponent(room)}/${encodeURIComponent(first)}\n`)
  expect(raw).toContain('<b>Alice</b>: is &#60;b&#62;anybody&#60;/b&#62; there?')
  for (const hidden of ['nobody is told', 'my own', 'secret-name', 'by mistake'])
    expect(raw).not.toContain(hidden)
})

it('a room is silent after a mail, and then tells only of what is new and unread', async () => {
  const { bob, address, room } = await reader()
  await alice.say(room, 'the first')
  await noticeTo(address)
  const pusher = sql.queries.selectFrom('pusher').select('pusher_nid').where('pushkey', '=', address)
  const job = () =>
    sql.queries
      .selectFrom('job')
      .select('run_at')
      .where('kind', '=', 'push.mail')
      .where('unique_key', '=', ({ cast, selectFrom }) =>
        cast(selectFrom(pusher.as('p')).select('pusher_nid'), 'text'),
      )
      .executeTakeFirst()
  const read = await alice.say(room, 'the second')
  await bob.call('POST', `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(read)}`, {})
  await alice.say(room, 'the third')
  const waiting = await eventually('a mail that waits', job)
  expect(waiting.run_at).toBeGreaterThan(Date.now() + 8 * MINUTE)
  expect(waiting.run_at).toBeLessThanOrEqual(Date.now() + 10 * MINUTE)
  await sql.queries.updateTable('mail_pause').set({ until_ts: 0 }).execute()
  await sql.queries.updateTable('job').set({ run_at: 0 }).where('kind', '=', 'push.mail').execute()
  // Another mail has the jobs looked at.
  await registerByMail(server.url, smtp, `waker${count}`, `waker${count}@mail.test`)
  const { raw } = await noticeTo(address, 1)
  expect(raw).toContain('the third')
  expect(raw).not.toMatch(/the first|the second/)
  const pause = await eventually('a longer pause', () =>
    sql.queries
      .selectFrom('mail_pause')
      .select('pause_ms')
      .where('pusher_nid', 'in', pusher)
      .where('pause_ms', '>', 10 * MINUTE)
      .executeTakeFirst(),
  )
  expect(pause.pause_ms).toBe(120 * MINUTE)
  expect(noticesTo(address)).toHaveLength(2)
})

it('an invite is mailed, and answered ones are not', async () => {
  const { bob, address } = await reader()
  const invite = { preset: 'private_chat', invite: [bob.userId] }
  const refused = await alice.createRoom({ ...invite, name: 'Refused' })
  await bob.call('POST', `/rooms/${encodeURIComponent(refused)}/leave`, {})
  await alice.createRoom({ ...invite, name: 'Welcome' })
  const { raw } = await noticeTo(address)
  expect(raw).toContain('Subject: [Chat] Alice invites you to Welcome')
  expect(raw).not.toContain('Refused')
})

it('whoever has a mail ends them: the link asks, and a POST does it, once or more often', async () => {
  const { bob, address, room } = await reader()
  await alice.say(room, 'hello')
  const link = unsubscribeUrl(await noticeTo(address))
  const at = (url: URL): string => server.url + url.pathname + url.search
  const page = await fetch(at(link))
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('<button type="submit">Unsubscribe</button>')
  for (const [key, value] of [
    ['token', 'wrong'],
    ['pushkey', 'bob1@mail.test'],
    ['user', alice.userId],
  ] as const) {
    const wrong = new URL(link)
    wrong.searchParams.set(key, value)
    for (const method of ['GET', 'POST']) expect((await fetch(at(wrong), { method })).status).toBe(400)
  }
  expect(await pushersOf(bob)).toHaveLength(1)
  for (let n = 0; n < 2; n++) {
    const answer = await fetch(at(link), { method: 'POST', body: 'List-Unsubscribe=One-Click' })
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringContaining('You are unsubscribed'),
    ])
    expect(await pushersOf(bob)).toEqual([])
  }
})

it('only addresses of the user are mailed to, and as long as they are', async () => {
  const { bob, address } = await reader()
  const answers = [
    await set(alice, mailPusher(address)),
    await set(bob, mailPusher('nobody@mail.test')),
    await set(bob, mailPusher(address, { app_id: 'org.example' })),
    await set(bob, mailPusher('no address')),
  ]
  expect(answers.map(({ status, body }) => [status, body['errcode']])).toEqual([
    [400, 'M_THREEPID_NOT_FOUND'],
    [400, 'M_THREEPID_NOT_FOUND'],
    [400, 'M_INVALID_PARAM'],
    [400, 'M_INVALID_PARAM'],
  ])
  expect((await set(bob, mailPusher(address.toUpperCase()))).status).toBe(200)
  expect(await pushersOf(bob)).toMatchObject([{ pushkey: address, data: { brand: 'Element' } }])
  expect((await set(bob, { kind: null, app_id: 'm.email', pushkey: address.toUpperCase() })).status).toBe(200)
  expect(await pushersOf(bob)).toEqual([])
  await set(bob, mailPusher(address))
  await bob.call('POST', '/account/3pid/delete', { medium: 'email', address })
  expect(await pushersOf(bob)).toEqual([])
})

it('is off unless it is configured', async () => {
  const plain = await startTestServer()
  try {
    const answer = await set(await plain.register('alice'), mailPusher('alice@mail.test'))
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_INVALID_PARAM'])
  } finally {
    await plain.close()
  }
})
