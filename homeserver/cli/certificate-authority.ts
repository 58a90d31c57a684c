import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createAuthority } from '../certificates/create-authority.ts'
import { issueCertificate } from '../certificates/issue-certificate.ts'
import {
  certificatePaths,
  readCertificate,
  writeCertificate,
  type CertificatePaths,
} from './certificate-files.ts'
import type { SourceOptions } from './source-options.ts'

const DEFAULT_DATA_DIRECTORY = 'data'

export interface AuthorityOptions extends SourceOptions {
  /** The authority's directory; `ca` in the data directory if left out. */
  readonly ca?: string
  readonly days: number
}

function authorityPaths(options: AuthorityOptions): CertificatePaths {
  return certificatePaths(resolve(options.ca ?? join(options.data ?? DEFAULT_DATA_DIRECTORY, 'ca')), 'ca')
}

/** `meridian ca create`: makes the authority of a private federation, once. @returns what to do next. */
export async function createAuthorityFiles(options: AuthorityOptions & { name: string }): Promise<string> {
  const paths = authorityPaths(options)
  const exists = await access(paths.certificate).then(
    () => true,
    () => false,
  )
  if (exists) throw new Error(`${paths.certificate} exists already. Name another directory with --ca.`)
  await writeCertificate(paths, await createAuthority(options.name, options.days))
  return [
    `Wrote ${paths.certificate} and its key ${paths.privateKey}.`,
    'Keep the key off the servers: who has it can pose as any of them.',
    'On every server, add to the configuration:',
    `  federation_custom_ca_list: [${paths.certificate}]`,
    'and issue each a certificate:  npx meridian ca issue region-a.example',
  ].join('\n')
}

/**
 * `meridian ca issue`: issues or renews the certificate of a server.
 *
 * @param names the server's name, then further names and addresses that it is reached by.
 */
export async function issueCertificateFiles(
  names: readonly [string, ...string[]],
  options: AuthorityOptions & { out?: string },
): Promise<string> {
  const paths = authorityPaths(options)
  const authority = await readCertificate(paths).catch(() => {
    throw new Error(`There is no authority at ${paths.certificate}. Make one with "meridian ca create".`)
  })
  const directory = resolve(options.out ?? join(options.data ?? DEFAULT_DATA_DIRECTORY, 'tls'))
  const target = certificatePaths(directory, names[0])
  await writeCertificate(target, await issueCertificate(authority, names, options.days))
  return [
    `Wrote ${target.certificate} and its key, valid for ${options.days} days for ${names.join(', ')}.`,
    'On that server, add to the configuration:',
    `  tls_certificate_path: ${target.certificate}`,
    `  tls_private_key_path: ${target.privateKey}`,
    '  listeners:',
    '    - { port: 8448, tls: true, bind_addresses: ["0.0.0.0"], resources: [{ names: [federation] }] }',
  ].join('\n')
}
