import { stat } from 'node:fs/promises'
import type { Config } from '../../config/config.ts'
import { ok, warn, type Finding } from './finding.ts'

const OTHERS = 0o077

/** The configuration has been read, so the keys can be used; here it is who else can read them. */
export async function checkKeys({ secrets }: Config): Promise<Finding[]> {
  const [current] = secrets.signingKeys
  const { mode } = await stat(secrets.signingKeyPath)
  if ((mode & OTHERS) !== 0) {
    return [
      warn('keys', `Others can read ${secrets.signingKeyPath}. Run "chmod 600 ${secrets.signingKeyPath}".`),
    ]
  }
  return [ok('keys', `${current.keyId} signs.`)]
}
