import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load-config.ts'
import { configSource, type SourceOptions } from '../source-options.ts'
import { checkAppServices } from './check-app-services.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkDatabase } from './check-database.ts'
import { checkKeys } from './check-keys.ts'
import { checkReachability } from './check-reachability.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const

function checkConfig(config: Config): Finding[] {
  const { file, serverName, notices } = config
  const found = ok('config', `${file ?? 'No file, all defaults'}: the server is ${serverName}.`)
  return [found, ...notices.map((notice) => warn('config', notice))]
}

async function examine(options: SourceOptions): Promise<Finding[]> {
  let config: Config
  try {
    config = await loadConfig(configSource(options))
  } catch (error) {
    return [fail('config', reasonOf(error))]
  }
  return [
    ...checkConfig(config),
    ...(await checkKeys(config)),
    ...(await checkDatabase(config)),
    ...(await checkCertificates(config)),
    ...(await checkReachability(config)),
    ...(await checkAppServices(config)),
  ]
}

/**
 * `meridian doctor`: looks at everything that a server needs and says what to do.
 *
 * @returns the report, and whether nothing failed.
 */
export async function doctor(options: SourceOptions): Promise<{ report: string; healthy: boolean }> {
  const findings = await examine(options)
  const report = findings.map(({ verdict, subject, sentence }) => `${MARKS[verdict]} ${subject}: ${sentence}`)
  return { report: report.join('\n'), healthy: findings.every(({ verdict }) => verdict !== 'fail') }
}
