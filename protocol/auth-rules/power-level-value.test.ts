import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LosslessNumber } from '../json/value.ts'
import type { JsonValue } from '../json/value.ts'
import { readPowerLevel } from './power-level-value.ts'

const MAX = Number.MAX_SAFE_INTEGER

test.each<[JsonValue, number | bigint | undefined]>([
  [50, 50],
  [-1, -1],
  ['50', 50],
  ['00050', 50],
  ['+50', 50],
  ['-50', -50],
  ['  50\t\n', 50],
  ['9007199254740993', 9007199254740993n],
  ['+9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  [new LosslessNumber('9007199254740993'), 9007199254740993n],
  [new LosslessNumber('50.57'), 50],
  [new LosslessNumber('-50.57'), -50],
  [new LosslessNumber('5.114698E4'), 51146],
  [new LosslessNumber('1e20'), 100000000000000000000n],
  [new LosslessNumber('1e400'), undefined],
  [new LosslessNumber('1' + '0'.repeat(400)), undefined],
  [50.57, 50],
  [Infinity, undefined],
  [NaN, undefined],
  [true, 1],
  [false, 0],
  ['50.0', undefined],
  ['5e1', undefined],
  ['1_000', undefined],
  ['0x10', undefined],
  ['- 5', undefined],
  ['--5', undefined],
  ['', undefined],
  [' ', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['٥', undefined],
  [null, undefined],
  [[50], undefined],
  [{}, undefined],
])('leniently %o is %o', (value, expected) => {
  expect(readPowerLevel(value, 'lenient')).toBe(expected)
})

test.each<[JsonValue]>([
  ['50'],
  [new LosslessNumber('50.0')],
  [new LosslessNumber('9007199254740993')],
  [MAX + 1],
  [50.5],
  [true],
  [null],
  [[50]],
])('as an integer %o is nothing', (value) => {
  expect(readPowerLevel(value, 'integers')).toBeUndefined()
})

test('integers are themselves in both modes, and in strings for the lenient one', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (level) => {
      expect(readPowerLevel(level, 'integers')).toBe(level)
      expect(readPowerLevel(level, 'lenient')).toBe(level)
      expect(readPowerLevel(`${level}`, 'lenient')).toBe(level)
    }),
  )
})

test('large integers keep their order', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      const [left, right] = [readPowerLevel(`${a}`, 'lenient'), readPowerLevel(`${b}`, 'lenient')]
      if (left === undefined || right === undefined) throw new Error('unread')
      expect([left < right, left === right, left > right]).toEqual([a < b, a === b, a > b])
    }),
  )
})

test('a long hostile string is read in linear time', () => {
  expect(readPowerLevel('0'.repeat(60_000) + 'x', 'lenient')).toBeUndefined()
  expect(readPowerLevel(' '.repeat(60_000) + 'x', 'lenient')).toBeUndefined()
  expect(readPowerLevel('1' + ' '.repeat(60_000) + 'x', 'lenient')).toBeUndefined()
  expect(readPowerLevel('0'.repeat(60_000) + '7', 'lenient')).toBe(7)
})
