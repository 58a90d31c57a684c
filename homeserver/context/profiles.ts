import type { RemoteProfiles } from '../../client-api/context.ts'
import type { ProfileSource } from '../../federation/inbound/routes/query-profile.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { profileOf } from '../../storage/accounts/profile-reader.ts'
import type { Queries } from '../../storage/database.ts'
import type { RemoteServers } from '../rooms/remote-servers.ts'

/** The profiles that other servers may ask for: those of live accounts. */
export function localProfiles(queries: Queries): ProfileSource {
  return {
    publicProfile: async (userId) => {
      const account = await findAccount(queries, userId)
      if (!account || account.deactivated) return undefined
      const profile: JsonObject = {}
      for (const [field, value] of await profileOf(queries, account.userNid))
        profile[field] = parseJson(value)
      return profile
    },
  }
}

/** The profiles of other servers' users, for the client API. */
export function remoteProfiles(remote: RemoteServers): RemoteProfiles {
  return {
    profile: async (userId, field) => {
      const profile = await remote.profile(userId, field)
      if (!profile) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such profile or field')
      return profile
    },
  }
}
