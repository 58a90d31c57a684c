import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CLIENT_SECRET } from '../support/register-by-mail.ts'
import { linkIn, startSmtpServer, type SmtpServer } from '../support/smtp.ts'
import { TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const GENEROUS = { per_second: 10_000, burst_count: 10_000 }
const ADDRESS = 'alice@mail.test'

describe.skipIf(withoutChromium())('the pages of mails in a browser', () => {
  let browser: Browser
  let smtp: SmtpServer
  let server: TestServer
  let alice: TestClient
  let visitor: Visitor
  beforeAll(async () => {
    browser = await startChromium()
    smtp = await startSmtpServer()
    server = await startTestServer({
      config: {
        public_baseurl: 'http://public.test/',
        rc_3pid_validation: GENEROUS,
        email: {
          notif_from: 'noreply@here.test',
          smtp_host: '127.0.0.1',
          smtp_port: smtp.port,
          enable_notifs: true,
          notif_delay_before_mail: 100,
        },
      },
    })
    alice = new TestClient(server.url)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await smtp?.close()
  })
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, { javaScriptEnabled: false })
  })
  afterEach(() => visitor.leave())

  /** Asks for a mail and opens its link. @returns the session. */
  async function opensMail(path: string, seen: number, nextLink?: string): Promise<unknown> {
    const wish = { client_secret: CLIENT_SECRET, send_attempt: 1, email: ADDRESS, next_link: nextLink }
    const { sid } = await alice.call('POST', `${path}/email/requestToken`, wish)
    await visits(linkIn(await smtp.mailTo(ADDRESS, seen)))
    return sid
  }

  const visits = ({ pathname, search }: URL) => visitor.page.goto(server.url + pathname + search)

  async function confirms(): Promise<void> {
    await visitor.sees('Confirm your mail address')
    await visitor.page.keyboard.press('Tab')
    expect(await visitor.focus()).toBe('Confirm')
    await visitor.page.keyboard.press('Enter')
    await visitor.sees('Your mail address is confirmed')
  }

  test('an address is confirmed, and the app is one click away', async () => {
    const sid = await opensMail('/register', 0, `${server.url}/_matrix/client/versions`)
    await confirms()
    await visitor.follows('Continue')
    expect(visitor.page.url()).toBe(`${server.url}/_matrix/client/versions`)
    const auth = { type: 'm.login.email.identity', threepid_creds: { sid, client_secret: CLIENT_SECRET } }
    const body = { username: 'alice', password: 'correct horse battery', auth }
    const answer = await alice.call('POST', '/register', body)
    alice.userId = String(answer['user_id'])
    alice.token = String(answer['access_token'])
  })

  test('a new password is confirmed, and a link that is cut short is not', async () => {
    const sid = await opensMail('/account/password', 1)
    const whole = visitor.page.url()
    await visitor.page.goto(whole.replace(/token=\w{5}/, 'token='))
    await visitor.presses('Confirm')
    await visitor.sees('This did not work')
    await visitor.page.goto(whole)
    await confirms()
    const auth = { type: 'm.login.email.identity', threepid_creds: { sid, client_secret: CLIENT_SECRET } }
    await server.anonymous().call('POST', '/account/password', {
      new_password: 'another horse battery',
      logout_devices: false,
      auth,
    })
  })

  test('mail about messages is ended by the link in it', async () => {
    const bob = await server.register('bob')
    const room = await bob.createRoom({ preset: 'public_chat' })
    await alice.join(room)
    await bob.say(room, 'hello')
    const { raw } = await smtp.mailTo(ADDRESS, 2)
    const link = new URL(/^List-Unsubscribe: <(.+)>$/m.exec(raw)![1]!)
    await visits(link)
    await visitor.sees('No more mail about messages')
    const pushers = async () => (await alice.call('GET', '/pushers'))['pushers']
    expect(await pushers()).toHaveLength(1)
    await visitor.presses('Unsubscribe')
    await visitor.sees('You are unsubscribed')
    expect(await pushers()).toEqual([])
    link.searchParams.set('token', 'another')
    await visits(link)
    await visitor.sees('This did not work')
  })
})
