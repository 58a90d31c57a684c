import { linkIn, type SmtpServer } from './smtp.ts'
import { TestClient } from './test-client.ts'

/** What clients call their side of a proof. */
export const CLIENT_SECRET = 'a.client-secret_'

/** Presses the button of the page that the link of a mail opens, on a server whose public name is another. */
export async function pressButton(serverUrl: string, link: URL): Promise<{ status: number; text: string }> {
  const answer = await fetch(serverUrl + link.pathname, {
    method: 'POST',
    body: new URLSearchParams(link.search),
  })
  return { status: answer.status, text: await answer.text() }
}

/** Registers an account with a mail address, which it proves. */
export async function registerByMail(
  serverUrl: string,
  smtp: SmtpServer,
  username: string,
  email: string,
): Promise<TestClient> {
  const client = new TestClient(serverUrl)
  const wish = { client_secret: CLIENT_SECRET, send_attempt: 1, email }
  const { sid } = await client.call('POST', '/register/email/requestToken', wish)
  await pressButton(serverUrl, linkIn(await smtp.mailTo(email.toLowerCase())))
  const auth = { type: 'm.login.email.identity', threepid_creds: { sid, client_secret: CLIENT_SECRET } }
  const answer = await client.call('POST', '/register', { username, password: 'correct horse battery', auth })
  client.userId = String(answer['user_id'])
  client.token = String(answer['access_token'])
  client.deviceId = String(answer['device_id'])
  return client
}
