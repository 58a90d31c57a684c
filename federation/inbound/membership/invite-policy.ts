/** What is asked of this server's users before an invite of another server reaches one of them. */
export interface InvitePolicy {
  /**
   * @throws MatrixError 404 M_NOT_FOUND when there is no such user, 403 M_FORBIDDEN or M_INVITE_BLOCKED when the
   *   user or the server takes no such invites (client-server API, "Invite permission").
   */
  check(invite: { readonly sender: string; readonly target: string; readonly roomId: string }): Promise<void>
}
