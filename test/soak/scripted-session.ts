import { randomUUID } from 'node:crypto'
// biome-ignore lint/plugin: how long its model, its tools and its user take is part of the script.
import { setTimeout as sleep } from 'node:timers/promises'
import { AgentContext, type Letter, lettersIn } from './agent-context.ts'
import { type ClientOptions, ClientProcess, Gone, type ToolResult } from './client-process.ts'
import { HookCaller } from './hook-caller.ts'
import { type HookFields, hookInputs } from './hook-inputs.ts'
import { busTool, calm, type Habits, type Model, type Step } from './session-parts.ts'

/** The client ends a chain of Stop hooks that always have more to say. */
const MAX_STOP_ROUNDS = 8

const RESUME_MS = 100

/** What its user writes. */
const TYPED = 'go on'

type Order = 'prompt' | 'clear' | 'compact'

class Interrupted extends Error {}
class Dies extends Gone {}

/**
 * One session of Claude Code, played from a script: the real session process beside it, its hooks in the order in which
 * the client (2.1.329) calls them. It begins a turn when its bell rings or its user writes.
 */
export class ScriptedSession {
  readonly name: string
  readonly context = new AgentContext()
  readonly hooks = new HookCaller()
  /** What tools of the bus answered, and which of it a client was killed before. */
  onResult: (step: Step, result: ToolResult | undefined) => void = () => {}
  model: Model
  habits: Habits = calm
  rings = 0
  turns = 0
  kills = 0
  clears = 0
  compacts = 0
  /** The agent was told of mail that it was not given. */
  hasDigest = false
  /** What the model reads for the first time with its latest request. */
  news: readonly number[] = []
  isIdle = true

  readonly #options: Omit<ClientOptions, 'sessionId' | 'onBell'>
  #conversation: string = randomUUID()
  #client: ClientProcess | undefined
  #bells: string[] = []
  #orders: Order[] = []
  /** What hooks said of prompts that were typed while the model was thinking. */
  #ahead: string[] = []
  #changing: Promise<unknown> = Promise.resolve()
  #resumed: Promise<void> = Promise.resolve()
  readonly #story: string[] = []
  #wake = () => {}
  #hasEnded = false

  constructor(options: Omit<ClientOptions, 'sessionId' | 'onBell'> & { name: string }, model: Model) {
    this.name = options.name
    this.#options = options
    this.model = model
  }

  get client(): ClientProcess {
    if (!this.#client) throw new Error('it has not been started')
    return this.#client
  }

  async start(): Promise<void> {
    this.#bells = []
    const onBell = (line: string) => {
      this.rings++
      this.#bells.push(line)
      this.#wake()
    }
    this.#client = await ClientProcess.start({ ...this.#options, sessionId: this.#conversation, onBell })
  }

  /** Until `stop`. */
  async live(): Promise<void> {
    while (!this.#hasEnded) {
      if (this.#bells.length === 0 && this.#orders.length === 0) {
        this.isIdle = true
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        continue
      }
      this.isIdle = false
      // Nobody does anything in a client that is gone.
      if (this.client.isKilled) await this.#resumed
      const { client } = this
      try {
        await this.#next()
      } catch (error) {
        if (!(error instanceof Gone)) throw error
        if (error instanceof Dies) await this.killAndResume(RESUME_MS)
        else if (client === this.#client && !client.isKilled && !this.#hasEnded)
          throw new Error(`its process died by itself: ${client.errors}`)
        await this.#resumed
      }
    }
  }

  /** Something that its user does when it is idle next. */
  order(order: Order): void {
    this.#orders.push(order)
    this.isIdle = false
    this.#wake()
  }

  /** Kills the client with its session process, and resumes the conversation in another. */
  async killAndResume(pauseMs: number): Promise<void> {
    await this.#changing
    const { client } = this
    if (client.isGone) return await this.#resumed
    this.tell(`${client.errors}killed as ${this.#conversation}`)
    this.kills++
    this.#ahead = []
    const killing = client.kill()
    this.context.killed({ keepsWaiting: this.habits.keepsWaiting() })
    this.#resumed = killing.then(() => sleep(pauseMs)).then(() => this.start())
    await this.#resumed
    this.#wake()
  }

  /** What its processes complained of, and what became of them. */
  get story(): string {
    return [...this.#story, this.#client?.errors].join('')
  }

  /** For the one who reads about a failed run. */
  tell(what: string): void {
    this.#story.push(`${new Date().toISOString()} (${this.rings} rings, ${this.turns} turns) ${what}\n`)
  }

  async stop(): Promise<void> {
    this.#hasEnded = true
    this.#wake()
    await this.#client?.close()
  }

  async #next(): Promise<void> {
    // A bell is a prompt as well, and what rings at once comes in one turn.
    const order = this.#bells.length > 0 ? 'bells' : this.#orders.shift()
    if (order === 'bells') return await this.#turn(this.#bells.splice(0))
    if (order === 'prompt') return await this.#turn([TYPED])
    const change = this.#renew(order === 'clear' ? 'clear' : 'compact')
    this.#changing = change.catch(() => undefined)
    await change
  }

  /** The same process goes on with nothing before its model, after `/clear` under another id. */
  async #renew(source: 'clear' | 'compact', { isInTurn = false } = {}): Promise<void> {
    if (source === 'clear') {
      this.#conversation = randomUUID()
      this.clears++
    } else this.compacts++
    this.tell(`${source} as ${this.#conversation}`)
    this.hasDigest = false
    if (isInTurn) this.context.summedUp()
    else this.context.emptied()
    this.#give(await this.#hook('SessionStart', { source }))
  }

  async #turn(prompts: readonly string[]): Promise<void> {
    this.turns++
    const { client } = this
    await client.setStatus('busy')
    try {
      for (const prompt of prompts) this.#give(await this.#hook('UserPromptSubmit', { prompt }))
      await this.#rounds()
      // What was typed into the last answer is a turn of its own, whose hook has run.
      while (this.#ahead.length > 0) {
        this.#giveAhead()
        await this.#rounds()
      }
    } catch (error) {
      // Esc ends a turn without a hook; what stands in the transcript goes along with the next request.
      if (!(error instanceof Interrupted)) throw error
      this.tell('interrupted')
      this.#giveAhead()
    }
    await client.setStatus('idle')
  }

  async #rounds(): Promise<void> {
    let stops = 0
    for (let round = 0; ; round++) {
      await this.#request()
      const steps = this.model(this, round)
      if (steps.length > 0) {
        await this.#batch(steps)
        continue
      }
      if (this.habits.interrupts()) throw new Interrupted()
      const said = await this.#hook('Stop', { stop_hook_active: String(stops > 0) })
      this.#give(said)
      if (said === '' || ++stops > MAX_STOP_ROUNDS) return
    }
  }

  async #request(): Promise<void> {
    const { client } = this
    this.news = this.context.request()
    await sleep(this.habits.thinkMs())
    if (client.isGone) throw new Gone('killed')
    if (this.habits.typesAhead()) this.#ahead.push(await this.#hook('UserPromptSubmit', { prompt: TYPED }))
  }

  async #batch(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const { file_path = '', command = '' } = step.input as Record<string, string>
      const fields = { tool_name: step.tool, 'tool_input.file_path': file_path, 'tool_input.command': command }
      this.#give(await this.#hook('PreToolUse', fields))
      if (busTool(step) === undefined) await sleep(step.ms ?? 1)
      else await this.#useBus(step)
      this.#give(await this.#hook('PostToolUse', fields))
      if (this.habits.interrupts()) throw new Interrupted()
    }
    const names = steps.map(({ tool }, i) => [`tool_calls.${i}.tool_name`, tool] as const)
    this.#give(await this.#hook('PostToolBatch', Object.fromEntries(names)))
    this.#giveAhead()
    if (this.habits.compacts()) await this.#renew('compact', { isInTurn: true })
    // What rings in a turn is a prompt behind its tool results.
    for (const prompt of this.#bells.splice(0)) this.#give(await this.#hook('UserPromptSubmit', { prompt }))
  }

  async #useBus(step: Step): Promise<void> {
    const tool = busTool(step)!
    const { client } = this
    const cancelMs = tool === 'inbox' ? this.habits.cancels() : undefined
    const asked =
      cancelMs === undefined
        ? client.tool(tool, step.input, randomUUID())
        : client.toolWithin(cancelMs, tool, step.input)
    const result = await asked.catch(error => {
      if (error instanceof Gone) this.onResult(step, undefined)
      throw error
    })
    if (result === undefined) throw new Interrupted()
    this.onResult(step, result)
    if (tool !== 'inbox' || result.isError) return
    const { messages, pending } = result.structuredContent as {
      messages: { id: number; repeat?: boolean }[]
      pending: number
    }
    this.hasDigest = pending > 0
    this.#letters(messages.map(({ id, repeat }) => ({ id, isRepeat: repeat === true })))
  }

  #give(text: string): void {
    if (text === '') return
    this.hasDigest = text.includes('read them with the inbox tool')
    this.#letters(lettersIn(text))
  }

  #letters(letters: readonly Letter[]): void {
    this.context.given(letters)
    if (letters.length > 0 && this.habits.dies()) throw new Dies('with letters that nobody has read')
  }

  #giveAhead(): void {
    for (const text of this.#ahead.splice(0)) this.#give(text)
  }

  /** Calls the plugin's hooks of an event, and gives the context that they add. */
  async #hook(event: string, fields: HookFields = {}): Promise<string> {
    const { client } = this
    const all = { session_id: this.#conversation, cwd: this.#options.cwd, permission_mode: 'default', ...fields }
    const said = []
    for (const input of hookInputs(event, all)) said.push(await this.hooks.call(client, event, input))
    if (client.isGone) throw new Gone('killed')
    return said.filter(text => text !== '').join('\n\n')
  }
}
