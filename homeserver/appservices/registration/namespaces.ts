import { RE2JS, type RE2JS as Pattern } from 're2js'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'

/** One entry of a namespace. */
export interface NamespaceEntry {
  readonly regex: string
  readonly exclusive: boolean
}

/** The kinds of things that a service can lay claim to. */
export const NAMESPACE_KINDS = ['users', 'aliases', 'rooms'] as const

export type NamespaceKind = (typeof NAMESPACE_KINDS)[number]

export type NamespaceEntries = Readonly<Record<NamespaceKind, readonly NamespaceEntry[]>>

/**
 * Compiles a registration's regular expression by RE2, which takes time linear in the text whatever the expression.
 *
 * @throws Error with a sentence for what RE2 does not know: look-around and back-references.
 */
export function compilePattern(regex: string): Pattern {
  return RE2JS.compile(regex)
}

interface CompiledEntry {
  readonly pattern: Pattern
  readonly exclusive: boolean
}

/**
 * What an application service lays claim to. An expression must match from the beginning and may leave the end open,
 * as servers have always read registrations. Users are local ones alone (MSC3905).
 */
export class Namespaces {
  readonly #serverName: string
  readonly #senderId: string
  readonly #compiled: Readonly<Record<NamespaceKind, readonly CompiledEntry[]>>

  /** @throws Error as `compilePattern`. */
  constructor(serverName: string, senderId: string, entries: NamespaceEntries) {
    const compile = (kind: NamespaceKind): CompiledEntry[] =>
      entries[kind].map(({ regex, exclusive }) => ({ pattern: compilePattern(regex), exclusive }))
    this.#serverName = serverName
    this.#senderId = senderId
    this.#compiled = { users: compile('users'), aliases: compile('aliases'), rooms: compile('rooms') }
  }

  /** Whether a user is the service's sender, or one of ours in its namespace. */
  hasUser(userId: string): boolean {
    if (userId === this.#senderId) return true
    return serverOf(userId) === this.#serverName && matches(this.#compiled.users, userId)
  }

  /** Whether nobody but the service may make this user. */
  ownsUser(userId: string): boolean {
    if (userId === this.#senderId) return true
    return serverOf(userId) === this.#serverName && matches(this.#compiled.users.filter(isExclusive), userId)
  }

  hasAlias(alias: string): boolean {
    return matches(this.#compiled.aliases, alias)
  }

  /** Whether nobody but the service may make or delete this alias. */
  ownsAlias(alias: string): boolean {
    return matches(this.#compiled.aliases.filter(isExclusive), alias)
  }

  hasRoom(roomId: string): boolean {
    return matches(this.#compiled.rooms, roomId)
  }

  /** Whether any alias could be of interest, so that rooms are worth asking for theirs. */
  get hasAliases(): boolean {
    return this.#compiled.aliases.length > 0
  }
}

function isExclusive({ exclusive }: CompiledEntry): boolean {
  return exclusive
}

function matches(entries: readonly CompiledEntry[], text: string): boolean {
  return entries.some(({ pattern }) => pattern.matcher(text).lookingAt())
}
