import { z } from 'zod'

/** Notices that administrators send to users; off where there is no such section. The names are Synapse's. */
export const serverNoticeKeys = {
  server_notices: z
    .strictObject({
      system_mxid_localpart: z
        .string()
        .regex(
          /^[a-z0-9._=/+-]{1,200}$/,
          'expects the letters a to z, digits and the characters . _ = - / +',
        ),
      system_mxid_display_name: z.string().min(1).optional(),
      system_mxid_avatar_url: z.string().startsWith('mxc://').optional(),
      room_name: z.string().min(1).default('Server Notices'),
      room_avatar_url: z.string().startsWith('mxc://').optional(),
      room_topic: z.string().min(1).optional(),
      auto_join: z.boolean().default(false),
    })
    .optional(),
}

type Keys = z.output<z.ZodObject<typeof serverNoticeKeys>>

export interface ServerNoticesConfig {
  /** Who sends the notices. */
  readonly senderLocalpart: string
  readonly displayName: string | undefined
  readonly avatarUrl: string | undefined
  readonly roomName: string
  readonly roomAvatarUrl: string | undefined
  readonly roomTopic: string | undefined
  /** Whether users are joined to the room; else they are invited. */
  readonly autoJoin: boolean
}

/** Undefined where no notices are sent. */
export function serverNoticesConfig({ server_notices: keys }: Keys): ServerNoticesConfig | undefined {
  if (!keys) return undefined
  return {
    senderLocalpart: keys.system_mxid_localpart,
    displayName: keys.system_mxid_display_name,
    avatarUrl: keys.system_mxid_avatar_url,
    roomName: keys.room_name,
    roomAvatarUrl: keys.room_avatar_url,
    roomTopic: keys.room_topic,
    autoJoin: keys.auto_join,
  }
}
