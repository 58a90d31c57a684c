import { expect, test } from 'vitest'
import { KNOWN_PROVIDERS, OembedProviders } from './oembed-providers.ts'

const providers = new OembedProviders(KNOWN_PROVIDERS)

test.each([
  ['https://www.youtube.com/watch?v=abc', 'https://www.youtube.com/oembed'],
  ['http://youtube.com/shorts/abc', 'https://www.youtube.com/oembed'],
  ['https://youtu.be/abc', 'https://www.youtube.com/oembed'],
  ['https://x.com/someone/status/123', 'https://publish.x.com/oembed'],
  ['https://mobile.twitter.com/someone/status/123', 'https://publish.x.com/oembed'],
  ['https://vimeo.com/123', 'https://vimeo.com/api/oembed.json'],
])('%s is described at %s', (page, endpoint) => {
  const address = new URL(providers.addressFor(new URL(page))!)
  expect(address.origin + address.pathname).toBe(endpoint)
  expect(Object.fromEntries(address.searchParams)).toEqual({ url: page, format: 'json' })
})

test.each([
  'https://www.youtube.com/',
  'https://youtube.com.evil.test/watch?v=abc',
  'https://evil.test/.youtube.com/watch?v=abc',
  'https://evil.test/?https://x.com/someone/status/123',
  'https://notx.com/someone/status/123',
])('%s is described by nobody', (page) => {
  expect(providers.addressFor(new URL(page))).toBeUndefined()
})

test('schemes that are no addresses are passed over', () => {
  const odd = new OembedProviders([
    { schemes: ['', '*', 'spotify:*', 'https://'], endpoint: 'https://a.test/' },
    { schemes: ['https://b.test'], endpoint: 'https://b.test/' },
  ])
  expect(odd.addressFor(new URL('https://c.test/'))).toBeUndefined()
  expect(odd.addressFor(new URL('https://b.test/page'))).toMatch(/^https:\/\/b\.test\/\?url=/)
})
