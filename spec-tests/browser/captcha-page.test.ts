import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { privateNetwork, type PrivateNetwork } from '../../federation/test-support/private-network.ts'
import { startTestServer, type TestServer } from '../../client-api/http/test-server.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const REGISTER = '/_matrix/client/v3/register'
const HOST = 'www.recaptcha.net'
/** What the widget does as far as a page sees it: a box, and a field in the form once it has been ticked. */
const SCRIPT = `
const widget = document.querySelector('.g-recaptcha')
const label = document.createElement('label')
const box = document.createElement('input')
box.type = 'checkbox'
label.append(box, 'I am not a robot')
widget.append(label)
box.addEventListener('change', () => {
  const field = document.createElement('input')
  field.type = 'hidden'
  field.name = 'g-recaptcha-response'
  field.value = 'solved with ' + widget.dataset.sitekey
  widget.append(field)
})`

describe.skipIf(withoutChromium())('the page of a captcha', () => {
  let network: PrivateNetwork
  let provider: Server
  let verifier: Server
  let browser: Browser
  let server: TestServer
  const verified: string[] = []

  beforeAll(async () => {
    network = await privateNetwork()
    const { certificate, privateKey } = await network.issue(HOST)
    provider = createServer({ cert: certificate, key: privateKey }, (request, response) => {
      if (request.url !== '/recaptcha/api.js') return void response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(SCRIPT)
    })
    verifier = createHttpServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        verified.push(body)
        const form = new URLSearchParams(body)
        const success = form.get('secret') === 'between us' && form.get('response') === 'solved with site-key'
        response.end(JSON.stringify({ success }))
      })
    })
    const [scriptPort, verifyPort] = [await portOf(provider), await portOf(verifier)]
    browser = await startChromium([`--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${scriptPort}`])
    server = await startTestServer(
      `enable_registration: true
enable_registration_captcha: true
recaptcha_public_key: site-key
recaptcha_private_key: between us
recaptcha_siteverify_api: http://127.0.0.1:${verifyPort}/siteverify
`,
      { open: false },
    )
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    provider?.close()
    verifier?.close()
    await network?.close()
  })

  test('shows the provider’s widget, and the account is made once it has been solved', async () => {
    const wish = { username: 'human', password: 'correct horse' }
    const { body } = await server.request('POST', REGISTER, { body: wish })
    const session = String(body['session'])
    const visitor = await Visitor.arrive(browser, { ignoreHTTPSErrors: true })
    const page = `${server.url}/_matrix/client/v3/auth/m.login.recaptcha/fallback/web?session=${session}`
    await visitor.page.goto(page)
    await visitor.sees('Are you human?')
    const early = await server.request('POST', REGISTER, { body: { ...wish, auth: { session } } })
    expect(early.status).toBe(401)

    await visitor.page.getByRole('button', { name: 'Continue' }).click()
    await expect.poll(() => visitor.page.getByRole('alert').textContent()).not.toBe('')
    await visitor.page.getByLabel('I am not a robot').check()
    await visitor.page.getByRole('button', { name: 'Continue' }).click()
    await expect.poll(() => verified.at(-1)).toContain('solved+with+site-key')
    const made = () => server.request('POST', REGISTER, { body: { ...wish, auth: { session } } })
    await expect.poll(async () => (await made()).body['user_id']).toBe('@human:test.example')
    expect(visitor.complaints).toEqual([])
    await visitor.leave()
  })
})

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
