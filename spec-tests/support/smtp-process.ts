import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

// Says each mail that it takes as a line of JSON; `--refuse` has it refuse the first mails, `--port=N` names its port.
let refusals = process.argv.includes('--refuse') ? 2 : 0

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData: (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      if (refusals-- > 0) return done(Object.assign(new Error('try again'), { responseCode: 451 }))
      const to = session.envelope.rcptTo.map(({ address }) => address)
      process.stdout.write(`${JSON.stringify({ to, raw: Buffer.concat(chunks).toString('utf8') })}\n`)
      done()
    })
  },
})
const port = Number(process.argv.find((flag) => flag.startsWith('--port='))?.slice('--port='.length) ?? 0)
server.listen(port, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.server.address() as AddressInfo).port })}\n`)
})
