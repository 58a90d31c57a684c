import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressRules } from './address-rules.ts'
import { PRIVATE_RANGES } from '../../../homeserver/config/values/address-range.ts'

const rules = addressRules(PRIVATE_RANGES, [])

describe('the default block list', () => {
  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b:1::1',
    '2002:7f00:1::1',
    '2002:a00:1::',
    '2001:0:7f00:1::',
    '2001:0:808:808:0:0:80ff:fffe',
    'fe80::1',
    'fd00::1',
    'ff02::1',
  ])('refuses %s', (address) => {
    expect(rules.isAllowed(address)).toBe(false)
  })

  test.each(['8.8.8.8', '2606:4700::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1'])(
    'allows %s',
    (address) => {
      expect(rules.isAllowed(address)).toBe(true)
    },
  )
})

test('what is no plain address is refused', () => {
  for (const text of ['', 'localhost', '0x7f.1', '0177.0.0.1', '1.2.3', 'fe80::1%eth0', '[::1]']) {
    expect(addressRules([], []).isAllowed(text)).toBe(false)
  }
})

test('an exception opens an address and its mapped form, and nothing beside it', () => {
  const open = addressRules(PRIVATE_RANGES, ['127.0.0.1', 'fd00:1::/32'])
  expect(open.isAllowed('127.0.0.1')).toBe(true)
  expect(open.isAllowed('::ffff:127.0.0.1')).toBe(true)
  expect(open.isAllowed('127.0.0.2')).toBe(false)
  expect(open.isAllowed('fd00:1::5')).toBe(true)
  expect(open.isAllowed('fd00:2::5')).toBe(false)
})

test('every IPv4 address gets the same answer in each form that carries it', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const expected = rules.isAllowed(address)
      expect(rules.isAllowed(`::ffff:${address}`)).toBe(expected)
      expect(rules.isAllowed(`64:ff9b::${address}`)).toBe(expected)
    }),
  )
})
