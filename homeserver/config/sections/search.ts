import { z } from 'zod'

/** The text search configurations that every PostgreSQL from 15 on comes with. `simple` takes words as they are. */
const LANGUAGES = [
  'simple', 'arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'english', 'finnish', 'french', 'german',
  'greek', 'hindi', 'hungarian', 'indonesian', 'irish', 'italian', 'lithuanian', 'nepali', 'norwegian', 'portuguese',
  'romanian', 'russian', 'serbian', 'spanish', 'swedish', 'tamil', 'turkish', 'yiddish',
] as const // prettier-ignore
/** Each makes the index larger by as much as the first. */
const MAX_LANGUAGES = 5

/** Searches of messages, and of users. */
export const searchKeys = {
  enable_search: z.boolean().default(true),
  search: z
    .strictObject({
      languages: z.array(z.enum(LANGUAGES)).min(1).max(MAX_LANGUAGES).default(['simple', 'english']),
    })
    .prefault({}),
  user_directory: z
    .strictObject({
      enabled: z.boolean().default(true),
      search_all_users: z.boolean().default(false),
      prefer_local_users: z.boolean().default(false),
      exclude_remote_users: z.boolean().default(false),
      show_locked_users: z.boolean().default(false),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof searchKeys>>

export interface SearchConfig {
  readonly enabled: boolean
  /** Names of text search configurations; words are found in the form that any of them gives them. */
  readonly languages: readonly string[]
}

export interface UserDirectoryConfig {
  readonly enabled: boolean
  /** Whether users of this server are found by who shares no room with them. */
  readonly allLocalUsers: boolean
  readonly localUsersFirst: boolean
  readonly localUsersOnly: boolean
  readonly lockedUsers: boolean
}

export function searchConfig(keys: Keys): SearchConfig {
  return { enabled: keys.enable_search, languages: [...new Set(keys.search.languages)] }
}

export function userDirectoryConfig({ user_directory: keys }: Keys): UserDirectoryConfig {
  return {
    enabled: keys.enabled,
    allLocalUsers: keys.search_all_users,
    localUsersFirst: keys.prefer_local_users,
    localUsersOnly: keys.exclude_remote_users,
    lockedUsers: keys.show_locked_users,
  }
}
