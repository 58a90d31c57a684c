import type { UserNid } from '../../storage/numeric-ids.ts'
import type { IgnoredUsers } from './ignored-users.ts'
import type { InvitePermissions } from './invite-permission.ts'

/**
 * Whose invites a user is shown: not those of ignored users (client-server API, "Ignoring Users"), nor those that
 * the user's invite permission blocks or ignores, whenever they came.
 */
export async function welcomeOf(
  services: { readonly ignoredUsers: IgnoredUsers; readonly invitePermissions: InvitePermissions },
  userNid: UserNid,
): Promise<(sender: string) => boolean> {
  const ignored = await services.ignoredUsers.of(userNid)
  const rule = await services.invitePermissions.of(userNid)
  return (sender) => !ignored.has(sender) && rule(sender) === 'allow'
}
