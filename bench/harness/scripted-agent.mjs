import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { McpProcess } from './mcp-process.mjs'
import { until } from './until.mjs'

const TOKEN = 'secret'

/**
 * A session of Claude Code as its `switchboard mcp` sees it, with this process for the client: an inbox socket, a
 * status file under this process's pid, and the hooks of a turn.
 */
export class ScriptedAgent {
  /** The bell lines that came, and when by this process's clock. */
  rings = []
  #home
  #id
  #statusFile
  #server

  static async start(home, id) {
    const agent = new ScriptedAgent()
    agent.#home = home
    agent.#id = id
    const user = join(home.folder, `user-${id}`)
    const sessions = join(user, '.claude', 'sessions')
    await mkdir(sessions, { recursive: true })
    agent.#statusFile = join(sessions, `${process.pid}.json`)
    const inbox = await agent.#listen(join(user, 'inbox'))
    agent.#server = new McpProcess(home, {
      HOME: user,
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: id,
      CLAUDE_CODE_MESSAGING_SOCKET: inbox,
      CLAUDE_CODE_MESSAGING_TOKEN: TOKEN,
    })
    home.defer(() => agent.#server.end())
    await agent.#status('idle')
    await agent.#server.initialize()
    agent.#server.initialized()
    const operator = home.connect()
    const { name } = await until('the session is registered and its stream open', async () => {
      const { sessions } = await operator.call('list_sessions', {})
      const { streams } = await operator.request('GET', '/v1/hub')
      return streams > 0 && sessions.find(each => each.agent === 'claude-code')
    })
    agent.name = name
    return agent
  }

  /** One turn without tools; gives what it brought before the model. */
  async turn() {
    await this.#status('busy')
    const text = await this.#hook('UserPromptSubmit')
    const more = await this.#hook('Stop')
    await this.#status('idle')
    return text + more
  }

  async #hook(event) {
    const fields = { event, session_id: this.#id, agent_id: '', cwd: this.#home.folder, permission_mode: 'default' }
    const line = await this.#server.request('tools/call', { name: 'hook', arguments: fields })
    const answer = JSON.parse(JSON.parse(line).result.content[0].text)
    return answer.hookSpecificOutput?.additionalContext ?? ''
  }

  async #status(status) {
    await writeFile(this.#statusFile, JSON.stringify({ status, statusUpdatedAt: Date.now() }))
  }

  async #listen(path) {
    const server = createServer(socket => {
      socket.on('error', () => socket.destroy())
      let isKnown = false
      createInterface({ input: socket }).on('line', line => {
        const at = performance.now()
        const frame = JSON.parse(line)
        if (frame.type === 'auth') isKnown = frame.token === TOKEN
        if (frame.type === 'user' && isKnown) this.rings.push({ at, line: frame.message.content })
      })
    })
    await new Promise(resolve => server.listen(path, resolve))
    this.#home.defer(() => void server.close())
    return path
  }
}
