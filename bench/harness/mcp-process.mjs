import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { end, keep } from './processes.mjs'

/** `switchboard mcp` as an agent's client starts it: JSON-RPC, one message per line, on stdin and stdout. */
export class McpProcess {
  #answers = new Map()
  #lastId = 0

  /** `env`: what the client adds to the environment. */
  constructor(home, env = {}) {
    this.child = keep(
      spawn(process.execPath, [home.programs.main, 'mcp'], {
        cwd: home.folder,
        env: { ...home.env, ...env },
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    )
    this.child.stdin.on('error', () => undefined)
    createInterface({ input: this.child.stdout }).on('line', line => {
      const { id } = JSON.parse(line)
      this.#answers.get(id)?.(line)
    })
    this.child.once('exit', () => {
      for (const settle of this.#answers.values()) settle(undefined)
    })
  }

  /** Resolves with the line that answers, as it came. */
  async request(method, params = {}) {
    const id = ++this.#lastId
    const line = await new Promise(resolve => {
      this.#answers.set(id, resolve)
      this.#write({ jsonrpc: '2.0', id, method, params })
    })
    this.#answers.delete(id)
    if (line === undefined) throw new Error(`switchboard mcp ended before it answered ${method}`)
    const { error } = JSON.parse(line)
    if (error) throw new Error(`${method}: ${error.message}`)
    return line
  }

  async initialize() {
    const line = await this.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    })
    return JSON.parse(line).result
  }

  initialized() {
    this.#write({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }

  async end() {
    this.child.stdin.end()
    await end(this.child)
  }

  #write(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`)
  }
}
