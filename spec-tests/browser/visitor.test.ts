import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const ADDRESS = 'http://page.example/'

describe.skipIf(withoutChromium())('a visitor complains of', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startChromium()
  })
  afterAll(() => browser?.close())

  async function visit(body: string, javaScriptEnabled: boolean, policy = '') {
    const visitor = await Visitor.arrive(browser, { javaScriptEnabled })
    const headers = { 'content-security-policy': policy }
    await visitor.context.route(`${ADDRESS}**`, (route) =>
      route.fulfill({ contentType: 'text/html', headers, body: `<h1>Page</h1>${body}` }),
    )
    await visitor.page.goto(ADDRESS)
    await expect.poll(() => visitor.page.evaluate('document.readyState')).toBe('complete')
    const verdict = await visitor.sees('Page').then(
      () => 'nothing',
      (error: unknown) => [String(error), ...visitor.complaints].join('\n'),
    )
    await visitor.leave()
    return verdict
  }

  test.each([
    ['nothing on a sound page', '<label>Name <input name="name"></label>', '', /^nothing$/],
    [
      'what a policy blocks',
      '<style>h1 { color: red }</style>',
      "default-src 'none'",
      /Content Security Policy/,
    ],
    ['a page that is too wide', '<p style="width: 400px">wide</p>', '', /less than or equal to 360/],
    ['a field without a label', '<input name="nameless">', '', /nameless/],
  ])('%s, with scripts and without', async (_what, body, policy, verdict) => {
    expect(await visit(body, true, policy)).toMatch(verdict)
    expect(await visit(body, false, policy)).toMatch(verdict)
  })

  test('a script that throws', async () => {
    expect(await visit('<script>nowhere()</script>', true)).toContain('nowhere is not defined')
  })
})
