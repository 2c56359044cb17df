import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { connect } from '../../../src/client/index.ts'
import { loadConfig } from '../../../src/home/config.ts'
import { startHub } from '../../../src/hub/index.ts'
import { testHome } from '../../client/support/home.ts'
import { session } from '../../mcp/support/session-process.ts'
import { until } from '../../until.ts'
import { senderLimit } from './sender-limit.ts'

type Home = Awaited<ReturnType<typeof testHome>>

/** A switchboard, and the person in front of it. Its hub runs in this process, unless the test ends or stops it. */
export async function switchboard({ hub = 'here' }: { hub?: 'here' | 'process' } = {}) {
  const home = await testHome()
  if (hub === 'here') {
    const running = await startHub({ paths: home.paths, config: await loadConfig(home.paths.configFile, home.env) })
    onTestFinished(() => running.close())
    home.hubPid = () => Promise.reject(new Error('expected a hub of its own: switchboard({ hub: "process" })'))
  }
  const operator = connect({ env: home.env })
  onTestFinished(() => operator.close())
  await operator.request('GET', '/v1/hub')
  const peer = async (name: string) => {
    const { credential, session_id } = await operator.call('register', { name, client_id: name })
    const client = operator.withCredential(credential)
    const publish = async (to: string, text: string, options: object = {}) =>
      (await client.call('publish', { to, text, ...options })).event_id
    return { name, id: session_id, client, publish }
  }
  const receipt = async (eventId: number, name: string) => {
    const { receipts } = await operator.call('message_status', { event_id: eventId })
    return receipts.find(each => each.session === name)
  }
  return { ...home, operator, peer, receipt }
}

/** An agent's client as its session process sees it: environment, inbox socket, status file, hooks. */
export async function scripted(
  home: Home,
  options: {
    id: string
    env?: Record<string, string>
    hasInbox?: boolean
    /** What its status file says before the session process starts; without, there is none. */
    says?: ClientSays
  },
) {
  const folder = join(home.home, 'clients', options.id)
  await mkdir(join(folder, '.claude', 'sessions'), { recursive: true })
  const statusFile = join(folder, '.claude', 'sessions', `${process.pid}.json`)
  let said = options.says
  const say = async (more: ClientSays) => {
    said = { ...said, ...more }
    await writeFile(statusFile, JSON.stringify({ sessionId: conversation, ...said }))
  }
  let conversation = options.id
  if (said !== undefined) await say(said)
  const inbox = await fakeInbox(join(folder, `inbox-${++inboxes}`))
  const { client, tool, transport, errors } = await session({
    ...home.env,
    HOME: folder,
    CLAUDE_CODE_SESSION_ID: options.id,
    ...(options.hasInbox === false
      ? {}
      : { CLAUDE_CODE_MESSAGING_SOCKET: inbox.path, CLAUDE_CODE_MESSAGING_TOKEN: 'secret' }),
    ...options.env,
  })
  const hook = async (event: string, fields: Record<string, string> = {}) => {
    const input = { event, session_id: conversation, agent_id: '', cwd: folder, permission_mode: 'default', ...fields }
    const result = await client.callTool({ name: 'hook', arguments: input })
    const [content] = result.content as { text: string }[]
    return JSON.parse(content!.text) as HookAnswer
  }
  const status = (state: string, since = Date.now()) => say({ status: state, statusUpdatedAt: since })
  const me = await until(async () => {
    const found = await tool('whoami')
    return found.isError ? undefined : found
  })
  return {
    name: me.name as string,
    busId: me.id as string,
    pid: transport.pid!,
    client,
    tool,
    errors,
    hook,
    status,
    /** The client names the session, as it says itself: of a person where no source is given. */
    rename: (name: string, nameSource?: string) => say({ name, nameSource }),
    kill: () => process.kill(transport.pid!, 'SIGKILL'),
    rings: inbox.rings,
    /** Rings that the client dropped. */
    dropped: inbox.dropped,
    /** The letters that a prompt, or another hook, brings before the model. */
    context: async (event: string, fields?: Record<string, string>) => contextOf(await hook(event, fields)),
    /** Prompts until one brings a letter: the stream takes a moment. */
    prompted: () =>
      until(async () => {
        const text = contextOf(await hook('UserPromptSubmit'))
        return text === '' ? contextOf(await hook('Stop')) : text
      }),
    converse(id: string) {
      conversation = id
    },
    turn,
    /** Turns until they have brought it: an answer of the hub that is late for one hook comes with the next. */
    async turnsUntil(hasCome: (texts: string) => boolean) {
      let texts = ''
      await until(async () => {
        texts += await turn()
        return hasCome(texts)
      })
      return texts
    },
  }

  /** One turn without tools; gives what it brought before the model. */
  async function turn() {
    const texts = [contextOf(await hook('UserPromptSubmit'))]
    for (let round = 0; round < 8; round++) {
      const more = contextOf(await hook('Stop', { stop_hook_active: String(round > 0) }))
      if (more === '') break
      texts.push(more)
    }
    await status('idle')
    return texts.join('\n')
  }
}

type ClientSays = Record<string, unknown>

interface HookAnswer {
  systemMessage?: string
  hookSpecificOutput?: {
    hookEventName: string
    additionalContext?: string
    permissionDecision?: string
    permissionDecisionReason?: string
  }
}

function contextOf(answer: HookAnswer): string {
  return answer.hookSpecificOutput?.additionalContext ?? ''
}

let inboxes = 0

/** Takes what a session process writes to its client; says nothing, as the real one. */
async function fakeInbox(path: string): Promise<{ path: string; rings: string[]; dropped: string[] }> {
  const rings: string[] = []
  const dropped: string[] = []
  const isTaken = senderLimit()
  const server: Server = createServer(socket => {
    let isKnown = false
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', line => {
      const frame = JSON.parse(line)
      if (frame.type === 'auth') isKnown = frame.token === 'secret'
      if (frame.type !== 'user' || !isKnown) return
      const { content } = frame.message
      if (isTaken(content)) rings.push(content)
      else dropped.push(content)
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  onTestFinished(() => void server.close())
  return { path, rings, dropped }
}
