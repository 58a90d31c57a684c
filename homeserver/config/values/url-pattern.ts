import { RE2JS } from 're2js'
import { z } from 'zod'
import { compileGlob } from '../../../protocol/glob/compile-glob.ts'

/** Judges one part of an address; undefined is a part that the address does not have. */
type PartMatcher = (text: string | undefined) => boolean

/** Begins what is a regular expression and no glob, as in Synapse. */
const REGEX = '^'

const part = z.union([z.string(), z.int()]).transform((value, context): PartMatcher => {
  const pattern = String(value)
  if (!pattern.startsWith(REGEX)) {
    const matches = compileGlob(pattern)
    return (text) => text !== undefined && matches(text)
  }
  try {
    const expression = RE2JS.compile(pattern)
    return (text) => text !== undefined && expression.matcher(text).lookingAt()
  } catch {
    context.addIssue(
      'is no regular expression that RE2 knows, which has neither look-around nor back-references',
    )
    return z.NEVER
  }
})

const parts = z
  .strictObject({
    scheme: part.optional(),
    netloc: part.optional(),
    hostname: part.optional(),
    port: part.optional(),
    path: part.optional(),
    query: part.optional(),
    username: part.optional(),
    password: part.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'would match every address; name a part of it')

/** Whether an address is meant. */
export type UrlPattern = (url: URL) => boolean

/** A pattern of addresses in Synapse's form: globs, or regular expressions that begin with `^`, of parts that all match. */
export const urlPattern = parts.transform(
  (given): UrlPattern =>
    (url) =>
      Object.entries(partsOf(url)).every(([name, text]) => {
        const matcher = given[name as keyof typeof given]
        return matcher === undefined || matcher(text)
      }),
)

function partsOf(url: URL): Record<keyof z.output<typeof parts>, string | undefined> {
  const given = (text: string): string | undefined => (text === '' ? undefined : text)
  return {
    scheme: url.protocol.slice(0, -1),
    netloc: url.host,
    hostname: url.hostname,
    port: given(url.port),
    path: url.pathname,
    query: given(url.search.slice(1)),
    username: given(url.username),
    password: given(url.password),
  }
}
