import fc from 'fast-check'
import { expect, test } from 'vitest'
import { xMatrixAuthorization } from '../client/transport/x-matrix-authorization.ts'
import { parseXMatrix } from './x-matrix-header.ts'

const parsed = { origin: 'a.test:8448', destination: 'b.test', keyId: 'ed25519:k', signature: 'AB+/cd' }

test.each([
  'X-Matrix origin="a.test:8448",destination="b.test",key="ed25519:k",sig="AB+/cd"',
  'x-matrix   Origin=a.test:8448 ,\tDESTINATION=b.test,  key=ed25519:k,sig=AB+/cd',
  'X-Matrix sig="AB+/cd",key="ed25519\\:k",extra="x,\\"y=",destination=b.test,origin="a\\.test:8448"',
  'X-Matrix origin="a.test:8448",,destination="b.test", ,key="ed25519:k",sig="AB+/cd",',
])('reads %s', (header) => {
  expect(parseXMatrix(header)).toEqual(parsed)
})

test('the destination may be left out, and origins may be IPv6 literals', () => {
  expect(parseXMatrix('X-Matrix origin="[::1]:8448",key="ed25519:k",sig="AB"')).toEqual({
    origin: '[::1]:8448',
    destination: undefined,
    keyId: 'ed25519:k',
    signature: 'AB',
  })
})

test.each([
  '',
  'X-Matrix',
  'X-Matrix ',
  'Bearer origin="a.test",key="ed25519:k",sig="AB"',
  'X-Matrixorigin="a.test",key="ed25519:k",sig="AB"',
  'X-Matrix origin="a.test",key="ed25519:k"',
  'X-Matrix origin="a.test",origin="b.test",key="ed25519:k",sig="AB"',
  'X-Matrix origin="a.test" key="ed25519:k" sig="AB"',
  'X-Matrix origin="a.test,key="ed25519:k",sig="AB"',
  'X-Matrix origin="",key="ed25519:k",sig="AB"',
  'X-Matrix origin="a b",key="ed25519:k",sig="AB"',
  'X-Matrix origin="@evil:a.test",key="ed25519:k",sig="AB"',
  'X-Matrix origin="a.test",key="ed25519:k",sig="AB"garbage',
  `X-Matrix origin="a.test",key="ed25519:k",sig="${'A'.repeat(5000)}"`,
])('refuses %s', (header) => {
  expect(parseXMatrix(header)).toBeUndefined()
})

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const space = fc.constantFrom('', ' ', '\t', ' \t ')
const origin = fc.constantFrom('a.test', 'a.test:1', '1.2.3.4', '[2001:db8::1]:8448', 'UPPER.test')
const anyValue = fc.string({ unit: fc.constantFrom(...'aZ09"\\ ,=:;/é'), maxLength: 20 })

test('every way to write the same parameters is read as the same', () => {
  fc.assert(
    fc.property(
      origin,
      anyValue,
      anyValue,
      anyValue,
      fc.array(fc.tuple(space, space, fc.boolean()), { minLength: 4, maxLength: 4 }),
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      (from, destination, keyId, signature, spaces, order) => {
        const values = { origin: from, destination, key: keyId, sig: signature }
        const written = Object.entries(values).map(([name, value], index) => {
          const [before, after, upper] = spaces[index] ?? ['', '', false]
          return `${before}${upper ? name.toUpperCase() : name}=${quoted(value)}${after}`
        })
        const header = `X-Matrix ${order.map((index) => written[index]).join(',')}`
        expect(parseXMatrix(header)).toEqual({ origin: from, destination, keyId, signature })
      },
    ),
  )
})

test('what this server writes it reads', () => {
  const header = xMatrixAuthorization(parsed.origin, parsed.destination, parsed.keyId, parsed.signature)
  expect(parseXMatrix(header)).toEqual(parsed)
})

test('no text makes the parser throw or take long', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseXMatrix(`X-Matrix ${text}`)))
  expect(parseXMatrix(`X-Matrix origin="${'\\a'.repeat(2000)}`)).toBeUndefined()
})
