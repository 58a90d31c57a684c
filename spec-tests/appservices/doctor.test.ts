import { expect, test } from 'vitest'
import { checkAppServices } from '../../homeserver/cli/doctor/check-app-services.ts'
import { loadRegistrations } from '../../homeserver/appservices/registration/load-registrations.ts'
import type { Config } from '../../homeserver/config/config.ts'
import { startAppService } from '../support/app-service.ts'

test('the doctor says which application services do not answer', async () => {
  const there = await startAppService({ id: 'there' })
  const stranger = await startAppService({ id: 'stranger' })
  const gone = await startAppService({ id: 'gone', url: 'http://127.0.0.1:9' })
  stranger.handle(() => ({ status: 403, body: { errcode: 'M_FORBIDDEN' } }))
  try {
    const files = [there, stranger, gone].map(({ registrationFile }) => registrationFile)
    const { services } = await loadRegistrations(files.slice(0, 1), 'here.test')
    const others = await Promise.all(files.slice(1).map((file) => loadRegistrations([file], 'here.test')))
    const config: Pick<Config, 'appServices'> = {
      appServices: [...services, ...others.flatMap(({ services: of }) => of)],
    }
    const findings = await checkAppServices(config)
    expect(findings.map(({ verdict }) => verdict)).toEqual(['ok', 'warn', 'warn'])
    expect(findings[1]?.sentence).toMatch(/^stranger at http.*refused the ping/)
    expect(findings[2]?.sentence).toMatch(/^gone at http.*cannot be reached/)
  } finally {
    for (const service of [there, stranger, gone]) await service.close()
  }
})
