/**
 * The least hub there could be: the same server stack, one route, one bare row written durably per request by the SQLite
 * driver with the store's pragmas, then an answer. No credential, no schema, no index, no key, no operation.
 */
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'

const [partsFile, socket, storeFile, body] = process.argv.slice(2)
const { openFile } = await import(pathToFileURL(partsFile).href)
const sql = await openFile(storeFile)
sql.exec('CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT')

const app = new Hono()
app.post('/v1/insert', async context => {
  const chunks = []
  for await (const chunk of context.env.incoming) chunks.push(chunk)
  JSON.parse(Buffer.concat(chunks).toString())
  sql.run('INSERT INTO floor (body) VALUES (?)', body)
  return new Response(JSON.stringify({ event_id: 1, level: 'actionable', recipients: [] }), {
    headers: { 'content-type': 'application/json' },
  })
})
const handle = getRequestListener((request, env) => app.fetch(request, env))
createServer((incoming, outgoing) => void handle(incoming, outgoing)).listen(socket, () => process.send('listening'))
process.once('disconnect', () => process.exit(0))
