import { expect, test } from 'vitest'
import fc from 'fast-check'
import { planThumbnail, type ImageSize } from './plan-thumbnail.ts'

const SIZES = [
  { width: 32, height: 32, method: 'crop' },
  { width: 96, height: 96, method: 'crop' },
  { width: 320, height: 240, method: 'scale' },
  { width: 640, height: 480, method: 'scale' },
] as const

const still = (width: number, height: number): ImageSize => ({ width, height, animated: false })
const wish = (width: number, height: number, method: 'crop' | 'scale', animated = false) => ({
  width,
  height,
  method,
  animated,
})

test.each([
  [still(1000, 1000), wish(32, 32, 'crop'), wish(32, 32, 'crop')],
  [still(1000, 1000), wish(33, 20, 'crop'), wish(96, 96, 'crop')],
  [still(1000, 1000), wish(100, 100, 'crop'), wish(320, 240, 'scale')],
  [still(1000, 1000), wish(1, 1, 'scale'), wish(320, 240, 'scale')],
  [still(4000, 3000), wish(641, 1, 'scale'), wish(1600, 1200, 'scale')],
  [still(4000, 3000), wish(2000, 1, 'scale'), 'original'],
  [still(30, 30), wish(32, 32, 'crop'), 'original'],
  [still(1000, 30), wish(320, 240, 'scale'), 'original'],
  [still(1000, 30), wish(32, 32, 'crop'), wish(32, 32, 'crop')],
])('%j wished as %j is answered with %j', (image, wished, planned) => {
  expect(planThumbnail(image, wished, SIZES)).toEqual(planned)
})

test('an animation stands still unless it is wished', () => {
  const image = { width: 500, height: 400, animated: true }
  expect(planThumbnail(image, wish(320, 240, 'scale'), SIZES)).toEqual(wish(320, 240, 'scale'))
  expect(planThumbnail(image, wish(320, 240, 'scale', true), SIZES)).toEqual(wish(320, 240, 'scale', true))
  expect(planThumbnail(image, wish(640, 480, 'scale', true), SIZES)).toEqual('original')
  expect(planThumbnail(image, wish(640, 480, 'scale'), SIZES)).toEqual(wish(500, 400, 'scale'))
})

test('no answer is smaller than wished, as far as the image goes', () => {
  const side = fc.integer({ min: 1, max: 5_000 })
  const method = fc.constantFrom('crop' as const, 'scale' as const)
  fc.assert(
    fc.property(side, side, side, side, method, fc.boolean(), (width, height, wide, high, method, exact) => {
      const plan = planThumbnail(still(width, height), wish(wide, high, method), exact ? undefined : SIZES)
      if (plan === 'original') return true
      return plan.width >= Math.min(wide, width) && plan.height >= Math.min(high, height)
    }),
  )
})
