import type { EmailConfig, MailNoticesConfig, NoticeSubjects } from '../../config/sections/email.ts'
import { escapeHtml } from '../../http/escape-html.ts'
import { fillTemplate } from '../../mail/fill-template.ts'
import type { Mail } from '../../mail/mailer.ts'
import type { UnreadMessage, UnreadNews, UnreadRoom } from './unread-rooms.ts'

/** Where clients let users choose one. */
const MATRIX_TO = 'https://matrix.to/#'

/** A mail about what a user has not read. */
export interface NoticeMail {
  readonly to: string
  /** What the user is called. */
  readonly reader: string
  readonly appName: string
  readonly serverName: string
  readonly unsubscribeUrl: string
  readonly news: UnreadNews
}

/** Writes it, as plain text and as HTML. */
export function noticeMail(
  { from }: EmailConfig,
  { subjects, clientBaseUrl }: MailNoticesConfig,
  mail: NoticeMail,
): Mail {
  const { to, unsubscribeUrl, appName, news } = mail
  const subject = subjectOf(subjects, mail)
  const greeting = `Hello ${mail.reader}, this is what you have not read yet.`
  const footer = `This mail was sent by ${appName} on ${mail.serverName}, because you asked for mail about unread messages.`
  const rooms = news.rooms.map((room) => ({
    ...room,
    title: titleOf(room),
    link: roomLink(room, clientBaseUrl, mail.serverName),
  }))
  const others = news.otherRooms === 0 ? undefined : `There is more in ${plural(news.otherRooms, 'room')}.`
  const text = [
    greeting,
    ...rooms.map(({ title, link, ...room }) => [`# ${title}`, ...textLines(room), link].join('\n')),
    ...(others === undefined ? [] : [others]),
    `-- \n${footer}\nTo get none any more: ${unsubscribeUrl}`,
  ].join('\n\n')
  const html = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>
<p>${escapeHtml(greeting)}</p>
${rooms.map(({ title, link, ...room }) => roomHtml(room, title, link)).join('\n')}
${others === undefined ? '' : `<p>${escapeHtml(others)}</p>\n`}<hr>
<p><small>${escapeHtml(footer)} <a href="${escapeHtml(unsubscribeUrl)}">Unsubscribe</a></small></p>
</body></html>
`
  return { to, subject, text, html, unsubscribeUrl, from: fillTemplate(from, { app: appName }) }
}

function subjectOf(subjects: NoticeSubjects, { news, appName, serverName }: NoticeMail): string {
  const { messages, name } = news.rooms[0]!
  const newest = messages.at(-1)!
  const values = { app: appName, server_name: serverName, person: newest.person, room: name ?? '' }
  return fillTemplate(subjects[kindOf(news, newest, messages, name !== undefined)], values)
}

function kindOf(
  { rooms, otherRooms }: UnreadNews,
  newest: UnreadMessage,
  messages: readonly UnreadMessage[],
  hasName: boolean,
): keyof NoticeSubjects {
  if (rooms.length + otherRooms > 1)
    return hasName ? 'messagesInRoomAndOthers' : 'messagesFromPersonAndOthers'
  if (newest.isInvite) return hasName ? 'inviteFromPersonToRoom' : 'inviteFromPerson'
  if (messages.length === 1) return hasName ? 'messageFromPersonInRoom' : 'messageFromPerson'
  if (hasName) return 'messagesInRoom'
  const isOne = messages.every(({ person }) => person === newest.person)
  return isOne ? 'messagesFromPerson' : 'messagesFromPersonAndOthers'
}

function titleOf({ name, messages }: UnreadRoom): string {
  return name ?? `Conversation with ${messages.at(-1)!.person}`
}

/** Leads to the first unread message, or to the room. */
function roomLink({ roomId, messages }: UnreadRoom, clientBaseUrl: string | undefined, via: string): string {
  const eventId = messages.find(({ isInvite }) => !isInvite)?.eventId
  const place = [roomId, ...(eventId === undefined ? [] : [eventId])].map(encodeURIComponent).join('/')
  if (clientBaseUrl !== undefined) return `${clientBaseUrl}/#/room/${place}`
  return `${MATRIX_TO}/${place}?via=${encodeURIComponent(via)}`
}

function textLines({ messages, earlier }: Pick<UnreadRoom, 'messages' | 'earlier'>): string[] {
  const lines = messages.map(({ person, text, isWords, receivedTs }) => {
    const saying = isWords ? `${person}: ${text.replaceAll('\n', '\n  ')}` : `${person} ${text}`
    return `${timeOf(receivedTs)} ${saying}`
  })
  return earlier === 0 ? lines : [earlierText(earlier), ...lines]
}

function roomHtml(
  { messages, earlier }: Pick<UnreadRoom, 'messages' | 'earlier'>,
  title: string,
  link: string,
): string {
  const items = messages.map(({ person, text, isWords, receivedTs }) => {
    const said = escapeHtml(text).replaceAll('\n', '<br>')
    const saying = `<b>${escapeHtml(person)}</b>${isWords ? `: ${said}` : ` ${said}`}`
    return `<li><small>${timeOf(receivedTs)}</small> ${saying}</li>`
  })
  const before = earlier === 0 ? '' : `<p>${earlierText(earlier)}</p>\n`
  return `<h2><a href="${escapeHtml(link)}">${escapeHtml(title)}</a></h2>
${before}<ul>
${items.join('\n')}
</ul>`
}

function earlierText(count: number): string {
  return `(${plural(count, 'earlier message')})`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Where readers are is not known here. */
function timeOf(ts: number): string {
  return `${new Date(ts).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
