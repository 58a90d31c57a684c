import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../config/config-error.ts'
import { loadRegistrations } from './load-registrations.ts'
import { Namespaces } from './namespaces.ts'
import { readRegistration } from './registration-file.ts'

const GOOD = `id: irc
url: http://127.0.0.1:9000/bridge/
as_token: as-secret
hs_token: hs-secret
sender_localpart: _irc_bot
namespaces:
  users:
    - { exclusive: true, regex: '@_irc_.*:here\\.test' }
  aliases:
    - { exclusive: false, regex: '#_irc_.*' }
`

const read = (text: string) => readRegistration(text, 'irc.yaml', 'here.test')

function complaint(text: string): string {
  try {
    read(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('the registration was taken')
}

const without = (key: string) => GOOD.replace(new RegExp(`^${key}:.*\n`, 'm'), '')

describe('a registration file', () => {
  test('is read with the defaults of the specification', () => {
    const { service } = read(GOOD)
    expect(service).toMatchObject({
      id: 'irc',
      url: 'http://127.0.0.1:9000/bridge',
      senderId: '@_irc_bot:here.test',
      rateLimited: true,
      ephemeral: 'none',
      tellsDevices: false,
      makesDevices: false,
      protocols: [],
    })
  })

  test('says what it wants beyond events, in stable and in unstable names', () => {
    expect(read(GOOD + 'receive_ephemeral: true\n').service.ephemeral).toBe('stable')
    expect(read(GOOD + 'de.sorunome.msc2409.push_ephemeral: true\n').service.ephemeral).toBe('both')
    const { service } = read(
      GOOD +
        'org.matrix.msc3202: true\nio.element.msc4190: true\nrate_limited: false\nprotocols: [irc, irc, gitter]\n',
    )
    expect(service).toMatchObject({ tellsDevices: true, makesDevices: true, rateLimited: false })
    expect(service.protocols).toEqual(['irc', 'gitter'])
  })

  test('may have no address, and must say so', () => {
    expect(read(GOOD.replace(/^url:.*$/m, 'url: null')).service.url).toBeUndefined()
    expect(read(GOOD.replace(/^url:.*$/m, 'url:')).service.url).toBeUndefined()
    expect(complaint(without('url'))).toMatch(/^irc\.yaml: url is missing\. Write "url: null"/)
  })

  test.each(['id', 'as_token', 'hs_token', 'sender_localpart'])('needs %s', (key) => {
    expect(complaint(without(key))).toBe(`irc.yaml: ${key} is missing.`)
  })

  test.each([
    ['url: ftp://127.0.0.1', /^irc\.yaml, line 2: url expects an http or https address/],
    ['as_token: "two words"', /^irc\.yaml, line 3: as_token expects a text without spaces/],
    ['hs_token: 12', /^irc\.yaml, line 4: hs_token is wrong: .*string/],
    ['sender_localpart: "a:b"', /^irc\.yaml, line 5: sender_localpart expects/],
    ['id: "a/b"', /^irc\.yaml, line 1: id expects a text of 1 to 255 characters/],
  ])('refuses %s, naming file, line and key', (line, sentence) => {
    const key = line.slice(0, line.indexOf(':'))
    expect(complaint(GOOD.replace(new RegExp(`^${key}:.*$`, 'm'), line))).toMatch(sentence)
  })

  test('refuses namespaces that are none, and expressions that could take for ever', () => {
    expect(complaint(GOOD.replace("'@_irc_.*:here\\.test'", '"@(a"'))).toMatch(
      /^irc\.yaml, line \d: namespaces\.users\.0\.regex cannot be used/,
    )
    expect(complaint(GOOD.replace("'@_irc_.*:here\\.test'", '"@(?!bot).*"'))).toMatch(/look-around/)
    expect(complaint(GOOD.replace(/exclusive: true/, 'exclusive: maybe'))).toMatch(
      /namespaces\.users\.0\.exclusive/,
    )
    expect(complaint(GOOD.replace(/^namespaces:[^]*$/m, 'namespaces: 7\n'))).toMatch(/namespaces is wrong/)
    expect(complaint('id: [')).toMatch(/^irc\.yaml, line 1/)
  })

  test('may hold settings of the bridge itself, which are told of', () => {
    const { notices } = read(GOOD + 'heisenbridge: { media_url: x }\n')
    expect(notices).toEqual(['irc.yaml: heisenbridge means nothing to Meridian and is left alone.'])
  })
})

describe('several of them', () => {
  let directory = ''
  beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'meridian-registrations-'))))
  afterAll(() => rm(directory, { recursive: true }))

  async function loaded(...texts: string[]) {
    const files = texts.map((_, index) => join(directory, `${index}.yaml`))
    await Promise.all(files.map((file, index) => writeFile(file, texts[index]!)))
    return loadRegistrations(files, 'here.test')
  }
  const second = GOOD.replace('id: irc', 'id: gitter')
    .replace('as-secret', 'other-secret')
    .replace('_irc_.*:', '_gitter_.*:')

  test('live beside one another', async () => {
    expect((await loaded(GOOD, second)).services.map(({ id }) => id)).toEqual(['irc', 'gitter'])
  })

  test('may not share what tells them apart', async () => {
    await expect(loaded(GOOD, second.replace('gitter', 'irc'))).rejects.toThrow(
      /1\.yaml: id is that of .*0\.yaml/,
    )
    await expect(loaded(GOOD, second.replace('other-secret', 'as-secret'))).rejects.toThrow(
      /as_token is that of/,
    )
    const greedy = second.replace('_gitter_.*:', '_irc_.*:')
    await expect(loaded(GOOD, greedy)).rejects.toThrow(/the exclusive namespace in users is that of/)
    await expect(loaded(GOOD, greedy.replace('exclusive: true', 'exclusive: false'))).resolves.toBeDefined()
  })

  test('are missed by name', async () => {
    await expect(loadRegistrations([join(directory, 'none.yaml')], 'here.test')).rejects.toThrow(
      /none\.yaml in app_service_config_files cannot be read \(ENOENT\)/,
    )
  })
})

describe('namespaces', () => {
  const of = (regex: string, exclusive = true) =>
    new Namespaces('here.test', '@bot:here.test', {
      users: [{ regex, exclusive }],
      aliases: [{ regex: '#portal_', exclusive }],
      rooms: [{ regex: '!chosen', exclusive: false }],
    })

  test('match from the beginning, and users of this server alone', () => {
    const namespaces = of('@_irc_.*')
    expect(namespaces.hasUser('@_irc_anna:here.test')).toBe(true)
    expect(namespaces.hasUser('@_irc_anna:elsewhere.test')).toBe(false)
    expect(namespaces.hasUser('@x@_irc_anna:here.test')).toBe(false)
    expect(namespaces.hasUser('@bot:here.test')).toBe(true)
    expect(namespaces.hasAlias('#portal_x:elsewhere.test')).toBe(true)
    expect(namespaces.hasRoom('!chosen:here.test')).toBe(true)
    expect(namespaces.hasRoom('!other:here.test')).toBe(false)
  })

  test('are owned only where they are exclusive, the sender always', () => {
    expect(of('@a.*').ownsUser('@anna:here.test')).toBe(true)
    expect(of('@a.*', false).ownsUser('@anna:here.test')).toBe(false)
    expect(of('@a.*', false).ownsUser('@bot:here.test')).toBe(true)
    expect(of('@a.*', false).ownsAlias('#portal_x:here.test')).toBe(false)
  })

  test('take linear time on expressions that others backtrack on', () => {
    const took = (length: number): number => {
      const namespaces = of('@(a+)+$')
      const text = `@${'a'.repeat(length)}!:here.test`
      const started = performance.now()
      expect(namespaces.hasUser(text)).toBe(false)
      return performance.now() - started
    }
    took(1_000)
    // A backtracking matcher needs 2^40 steps for the 40 letters alone.
    expect(took(40)).toBeLessThan(1_000)
    expect(took(20_000)).toBeLessThan(5_000)
  })
})
