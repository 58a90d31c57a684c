import { randomBytes } from 'node:crypto'
import forge from 'node-forge'

const DAY_MS = 86_400_000
/** Clocks of a federation differ a little; a certificate is valid from an hour ago. */
const CLOCK_SKEW_MS = 3_600_000
/** 127 random bits: at most 20 bytes, positive, not to be guessed (RFC 5280, 4.1.2.2). */
const SERIAL_BYTES = 16

function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

/** An unsigned certificate for a public key with a serial number, valid for so many days from now. */
export function newCertificate(publicKey: forge.pki.PublicKey, days: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = publicKey
  certificate.serialNumber = serialNumber()
  const now = Date.now()
  certificate.validity.notBefore = new Date(now - CLOCK_SKEW_MS)
  certificate.validity.notAfter = new Date(now + days * DAY_MS)
  return certificate
}
