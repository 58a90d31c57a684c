import { z } from 'zod'
import { duration } from '../values/duration.ts'

const DEFAULT_PORT = 25
const DEFAULT_TLS_PORT = 465

/** Sending mail, and what it is sent for; the names and defaults are Synapse's. */
export const emailKeys = {
  email: z
    .strictObject({
      smtp_host: z.string().min(1).default('localhost'),
      smtp_port: z.int().min(1).max(65_535).optional(),
      smtp_user: z.string().optional(),
      smtp_pass: z.string().optional(),
      force_tls: z.boolean().default(false),
      require_transport_security: z.boolean().default(false),
      enable_tls: z.boolean().default(true),
      tlsname: z.string().min(1).optional(),
      notif_from: z.string().min(1),
      app_name: z.string().min(1).default('Matrix'),
      enable_notifs: z.boolean().default(false),
      notif_for_new_users: z.boolean().default(true),
      notif_delay_before_mail: duration.prefault('10m'),
      client_base_url: z.url({ protocol: /^https?$/ }).optional(),
      validation_token_lifetime: duration.prefault('1h'),
      subjects: z
        .strictObject({
          password_reset: z.string().default('[%(server_name)s] Password reset'),
          email_validation: z.string().default('[%(server_name)s] Validate your email'),
          message_from_person_in_room: z.string().default('[%(app)s] %(person)s wrote in %(room)s'),
          message_from_person: z.string().default('[%(app)s] %(person)s wrote to you'),
          messages_from_person: z.string().default('[%(app)s] Unread messages from %(person)s'),
          messages_in_room: z.string().default('[%(app)s] Unread messages in %(room)s'),
          messages_in_room_and_others: z
            .string()
            .default('[%(app)s] Unread messages in %(room)s and other rooms'),
          messages_from_person_and_others: z
            .string()
            .default('[%(app)s] Unread messages from %(person)s and others'),
          invite_from_person_to_room: z.string().default('[%(app)s] %(person)s invites you to %(room)s'),
          invite_from_person: z.string().default('[%(app)s] %(person)s invites you to a conversation'),
        })
        .prefault({}),
    })
    .optional(),
  request_token_inhibit_3pid_errors: z.boolean().default(false),
  enable_3pid_changes: z.boolean().default(true),
  registrations_require_3pid: z.array(z.literal('email')).default([]),
  next_link_domain_whitelist: z.array(z.string().min(1)).optional(),
}

type Keys = z.output<z.ZodObject<typeof emailKeys>>

/** The server that takes mail from us. */
export interface SmtpConfig {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  /** TLS from the first byte on. */
  readonly forceTls: boolean
  /** No mail without TLS. */
  readonly requireTls: boolean
  /** Whether TLS is used where the server offers it. */
  readonly usesTls: boolean
  /** The name in its certificate. */
  readonly tlsName: string | undefined
}

/** Mail about messages that are not read. */
export interface MailNoticesConfig {
  /** Whether those who register with an address get such mail until they turn it off. */
  readonly forNewUsers: boolean
  /** What is read in this time is not mailed. */
  readonly delayMs: number
  /** The client that links lead to; undefined for the page that lets users choose one. */
  readonly clientBaseUrl: string | undefined
  readonly subjects: NoticeSubjects
}

/** With `%(app)s`, `%(server_name)s`, `%(person)s` and `%(room)s`. */
export interface NoticeSubjects {
  readonly messageFromPersonInRoom: string
  readonly messageFromPerson: string
  readonly messagesFromPerson: string
  readonly messagesInRoom: string
  readonly messagesInRoomAndOthers: string
  readonly messagesFromPersonAndOthers: string
  readonly inviteFromPersonToRoom: string
  readonly inviteFromPerson: string
}

/** Mail of this server. */
export interface EmailConfig {
  readonly smtp: SmtpConfig
  /** The sender, with `%(app)s` for the name of the app. */
  readonly from: string
  readonly appName: string
  readonly tokenLifetimeMs: number
  readonly subjects: { readonly passwordReset: string; readonly emailValidation: string }
  /** Undefined where no mail tells of messages. */
  readonly notices: MailNoticesConfig | undefined
}

/** What may be done with mail addresses of accounts. */
export interface ThirdPartyIdsConfig {
  /** Undefined where no mail is sent, so that nobody can prove an address. */
  readonly email: EmailConfig | undefined
  /** Whether those who ask for a mail are not told whether the address has an account. */
  readonly hidesOwners: boolean
  readonly mayChange: boolean
  /** Whether nobody registers without an address. */
  readonly requiredToRegister: boolean
  /** Hosts that a page may lead on to; undefined is any. */
  readonly nextLinkHosts: ReadonlySet<string> | undefined
}

export function thirdPartyIdsConfig(keys: Keys): ThirdPartyIdsConfig {
  return {
    email: keys.email && emailConfig(keys.email),
    hidesOwners: keys.request_token_inhibit_3pid_errors,
    mayChange: keys.enable_3pid_changes,
    requiredToRegister: keys.registrations_require_3pid.length > 0,
    nextLinkHosts: keys.next_link_domain_whitelist && new Set(keys.next_link_domain_whitelist),
  }
}

function emailConfig(email: NonNullable<Keys['email']>): EmailConfig {
  return {
    smtp: {
      host: email.smtp_host,
      port: email.smtp_port ?? (email.force_tls ? DEFAULT_TLS_PORT : DEFAULT_PORT),
      user: email.smtp_user,
      password: email.smtp_pass,
      forceTls: email.force_tls,
      requireTls: email.require_transport_security,
      usesTls: email.enable_tls,
      tlsName: email.tlsname,
    },
    from: email.notif_from,
    appName: email.app_name,
    tokenLifetimeMs: email.validation_token_lifetime,
    subjects: {
      passwordReset: email.subjects.password_reset,
      emailValidation: email.subjects.email_validation,
    },
    notices: email.enable_notifs ? noticesConfig(email) : undefined,
  }
}

function noticesConfig({ subjects, ...email }: NonNullable<Keys['email']>): MailNoticesConfig {
  return {
    forNewUsers: email.notif_for_new_users,
    delayMs: email.notif_delay_before_mail,
    clientBaseUrl: email.client_base_url?.replace(/\/+$/, ''),
    subjects: {
      messageFromPersonInRoom: subjects.message_from_person_in_room,
      messageFromPerson: subjects.message_from_person,
      messagesFromPerson: subjects.messages_from_person,
      messagesInRoom: subjects.messages_in_room,
      messagesInRoomAndOthers: subjects.messages_in_room_and_others,
      messagesFromPersonAndOthers: subjects.messages_from_person_and_others,
      inviteFromPersonToRoom: subjects.invite_from_person_to_room,
      inviteFromPerson: subjects.invite_from_person,
    },
  }
}

/** Links in mails need an address, and who demands one must be able to check it. */
export function checkEmail(
  keys: Keys & { readonly public_baseurl?: string | undefined },
  complain: (path: (string | number)[], sentence: string) => void,
): void {
  if (keys.email && keys.public_baseurl === undefined) {
    complain(['email'], 'sends links: set public_baseurl, where users reach this server')
  }
  if (keys.registrations_require_3pid.length > 0 && !keys.email) {
    complain(['registrations_require_3pid'], 'needs the section email, by which addresses are checked')
  }
}
