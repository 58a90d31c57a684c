import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CertificateWithKey } from '../certificates/create-authority.ts'

const OWNER_ONLY = 0o600
const PUBLIC = 0o644

/** The paths of a certificate and its key. */
export interface CertificatePaths {
  readonly certificate: string
  readonly privateKey: string
}

/** `<name>.crt` and `<name>.key` in a directory; characters that are no file name's become underscores. */
export function certificatePaths(directory: string, name: string): CertificatePaths {
  const base = join(directory, name.replace(/[^A-Za-z0-9.-]/g, '_'))
  return { certificate: `${base}.crt`, privateKey: `${base}.key` }
}

/** Writes both, the key for its owner alone; existing files are replaced whole. */
export async function writeCertificate(paths: CertificatePaths, content: CertificateWithKey): Promise<void> {
  await mkdir(dirname(paths.certificate), { recursive: true, mode: 0o711 })
  await writeFile(`${paths.privateKey}.new`, content.privateKey, { mode: OWNER_ONLY })
  await writeFile(`${paths.certificate}.new`, content.certificate, { mode: PUBLIC })
  await rename(`${paths.privateKey}.new`, paths.privateKey)
  await rename(`${paths.certificate}.new`, paths.certificate)
}

/** @throws the file system's error when either cannot be read. */
export async function readCertificate(paths: CertificatePaths): Promise<CertificateWithKey> {
  const [certificate, privateKey] = await Promise.all([
    readFile(paths.certificate, 'utf8'),
    readFile(paths.privateKey, 'utf8'),
  ])
  return { certificate, privateKey }
}
