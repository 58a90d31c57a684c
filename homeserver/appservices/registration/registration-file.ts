import { z } from 'zod'
import { isUserId } from '../../../protocol/identifiers/user-id.ts'
import { secretHash } from '../../accounts/bearer-secrets.ts'
import { parseConfigDocument, type ConfigDocument } from '../../config/config-document.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { AppService } from './app-service.ts'
import { compilePattern, Namespaces, type NamespaceEntries } from './namespaces.ts'

/** What goes into an HTTP header as it is: tokens are sent as `Bearer`. */
const TOKEN = /^[\x21-\x7e]+$/
/** Of the id and of protocols: they stand in paths and in rows. */
const NAME = /^[^\0/]{1,255}$/

const namespace = z.array(
  z.looseObject({
    regex: z.string().min(1).superRefine(checkPattern),
    exclusive: z.boolean().default(false),
  }),
)

const token = z
  .string()
  .regex(TOKEN, 'expects a text without spaces, of letters that fit into an HTTP header')

const flag = z.boolean().default(false)

/** Every key that this server reads. */
const registrationKeys = z.looseObject({
  id: z.string().regex(NAME, 'expects a text of 1 to 255 characters without a slash'),
  url: z
    .string()
    .refine(
      isServiceUrl,
      'expects an http or https address without query and user, such as "http://localhost:9000"',
    )
    .optional(),
  as_token: token,
  hs_token: token,
  sender_localpart: z.string().min(1),
  namespaces: z.looseObject({
    users: namespace.default([]),
    aliases: namespace.default([]),
    rooms: namespace.default([]),
  }),
  rate_limited: z.boolean().default(true),
  protocols: z
    .array(z.string().regex(NAME, 'expects a text of 1 to 255 characters without a slash'))
    .default([]),
  receive_ephemeral: flag,
  'de.sorunome.msc2409.push_ephemeral': flag,
  push_ephemeral: flag,
  'org.matrix.msc3202': flag,
  'io.element.msc4190': flag,
  // What it asks for is what every service gets.
  'org.matrix.msc3905': z.boolean().optional(),
})

type Keys = z.output<typeof registrationKeys>

/** A registration file as it was read. */
export interface ReadRegistration {
  readonly file: string
  readonly service: AppService
  readonly entries: NamespaceEntries
  /** One sentence for each key that means nothing here. */
  readonly notices: readonly string[]
}

/**
 * Reads a registration file (application service API, "Registration"). Keys that nobody knows are told of and left
 * alone, because bridges keep settings of their own there.
 *
 * @param file its name, for messages.
 * @throws ConfigError naming file, line, key and what is wrong.
 */
export function readRegistration(text: string, file: string, serverName: string): ReadRegistration {
  const document = parseConfigDocument(text, file)
  const result = registrationKeys.safeParse(document.values)
  if (!result.success)
    throw new ConfigError(result.error.issues.map((issue) => explain(issue, document, file)).join('\n'))
  const keys = result.data
  if (keys.url === undefined && !document.has('url')) {
    throw new ConfigError(
      `${file}: url is missing. Write "url: null" where nothing is to be sent to the service.`,
    )
  }
  const senderId = `@${keys.sender_localpart}:${serverName}`
  if (!isUserId(senderId)) {
    const line = document.lineOf(['sender_localpart'])
    throw new ConfigError(
      `${file}, line ${line}: sender_localpart expects the part of a user id before the colon.`,
    )
  }
  const { users, aliases, rooms } = keys.namespaces
  const entries: NamespaceEntries = { users, aliases, rooms }
  return {
    file,
    service: serviceOf(keys, senderId, serverName, entries),
    entries,
    notices: noticesOf(keys, file),
  }
}

function serviceOf(keys: Keys, senderId: string, serverName: string, entries: NamespaceEntries): AppService {
  const unstable = keys['de.sorunome.msc2409.push_ephemeral'] || keys.push_ephemeral
  return {
    id: keys.id,
    url: keys.url?.replace(/\/+$/, ''),
    asTokenHash: secretHash(keys.as_token),
    hsToken: keys.hs_token,
    senderId,
    namespaces: new Namespaces(serverName, senderId, entries),
    rateLimited: keys.rate_limited,
    ephemeral: unstable ? 'both' : keys.receive_ephemeral ? 'stable' : 'none',
    tellsDevices: keys['org.matrix.msc3202'],
    makesDevices: keys['io.element.msc4190'],
    protocols: [...new Set(keys.protocols)],
  }
}

function noticesOf(keys: Keys, file: string): string[] {
  return Object.keys(keys)
    .filter((key) => !Object.hasOwn(registrationKeys.shape, key))
    .map((key) => `${file}: ${key} means nothing to Meridian and is left alone.`)
}

function checkPattern(regex: string, context: z.RefinementCtx): void {
  try {
    compilePattern(regex)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.addIssue({
      code: 'custom',
      message: `cannot be used (${reason}): write it without look-around and back-references`,
    })
  }
}

function isServiceUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return false
  return url.search === '' && url.hash === '' && url.username === '' && url.password === ''
}

function explain(issue: z.core.$ZodIssue, document: ConfigDocument, file: string): string {
  const key = issue.path.join('.')
  const missing = issue.code === 'invalid_type' && issue.input === undefined
  if (missing && !document.has(...issue.path)) return `${file}: ${key} is missing.`
  const message = /^[A-Z]/.test(issue.message) ? `is wrong: ${issue.message}` : issue.message
  return `${file}, line ${document.lineOf(issue.path)}: ${key} ${message}.`
}
