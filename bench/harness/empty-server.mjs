/**
 * An MCP server with nothing behind it: what Claude Code's part of a hook and of a wake-up costs. It lists what
 * `switchboard mcp` lists, because the client carries that along at every step, and answers every hook at once.
 *
 *   empty-server.mjs <answers> <socket>
 *
 * `answers`: a JSON file, by method. Over the socket come lines of `{bell, letter}`: it rings with the one as a session
 * process does, and has the next prompt hook say the other.
 */
import { readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [answersFile, socketPath] = process.argv.slice(2)
const recorded = JSON.parse(readFileSync(answersFile, 'utf8'))
const { CLAUDE_CODE_MESSAGING_SOCKET: inbox, CLAUDE_CODE_MESSAGING_TOKEN: token } = process.env
let letter

function ring({ bell, letter: text }) {
  letter = text
  const frames = [
    { type: 'auth', token },
    { type: 'user', message: { role: 'user', content: bell } },
  ]
  connect(inbox).end(frames.map(frame => `${JSON.stringify(frame)}\n`).join(''))
}

function called({ arguments: { event } = {} }) {
  const text = event === 'UserPromptSubmit' ? letter : undefined
  if (text === undefined) return { content: [{ type: 'text', text: '{}' }] }
  letter = undefined
  const hookSpecificOutput = { hookEventName: event, additionalContext: text }
  return { content: [{ type: 'text', text: JSON.stringify({ hookSpecificOutput }) }] }
}

function answer({ id, method, params }) {
  const result = method === 'tools/call' ? called(params) : recorded[method]
  const said = result === undefined ? { error: { code: -32601, message: `no ${method}` } } : { result }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...said })}\n`)
}

rmSync(socketPath, { force: true })
createServer(bench => createInterface({ input: bench }).on('line', line => ring(JSON.parse(line)))).listen(socketPath)

createInterface({ input: process.stdin })
  .on('line', line => {
    const message = JSON.parse(line)
    if (message.id !== undefined) answer(message)
  })
  .on('close', () => process.exit(0))
