/** Decimal exponents from which on Python prints a float with an exponent. */
const LEAST_PLAIN_EXPONENT = -4
const FIRST_SCIENTIFIC_EXPONENT = 16

/**
 * Prints a finite float as Python's `repr` does: the shortest digits that read back as the same float, with a
 * fraction or an exponent of at least two digits. Room versions 1 to 5 have events that were hashed in this form.
 */
export function pythonFloat(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(exponentText)
  if (exponent < LEAST_PLAIN_EXPONENT || exponent >= FIRST_SCIENTIFIC_EXPONENT) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const size = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${digits.slice(0, 1)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}
