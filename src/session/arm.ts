import { wakeRoutesOf } from '../bus/wake-routes.ts'
import { homePaths } from '../home/paths.ts'
import { createActivity } from './activity.ts'
import { argumentsOf, printsOneAnswer } from './client-arguments.ts'
import type { StatusFile } from './client-status.ts'
import { type Conversation, createConversation } from './conversation.ts'
import { hasRewakeHook, listenForBells } from './doorbell/bells.ts'
import { createDoorbell, type WaitingMail } from './doorbell/doorbell.ts'
import { inboxSocket } from './doorbell/inbox-socket.ts'
import { routeMemory } from './doorbell/memory.ts'
import { tmuxKeys } from './doorbell/tmux.ts'
import type { Waiting } from './hook-calls.ts'
import { SILENCE } from './hooks/answer.ts'
import { createHooks } from './hooks/hooks.ts'
import type { HubLink } from './hub-link.ts'
import { createInterruptions } from './interruptions.ts'
import { createLetters, type Letters } from './letters.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { createSurroundings } from './surroundings.ts'
import type { Title } from './title.ts'

/** What an idle session may be woken for: mail at the hub, and letters that missed their hook. */
function waitingMail(mailbox: Mailbox, letters: Letters): WaitingMail {
  return {
    get isUrgent() {
      return mailbox.mayHaveUrgentNews || letters.late?.rings === true
    },
    get isCertain() {
      return mailbox.isCertain
    },
    get messages() {
      return mailbox.unread + (letters.late?.messages ?? 0)
    },
    get mark() {
      return `${mailbox.mark} ${letters.late?.messages ?? 0}`
    },
  }
}

/** What the session process does for its session besides tools: answers its hooks, brings its mail, rings. */
export interface Arm {
  /** The answer to a hook of the client, as JSON. Never rejects. */
  hook(fields: Record<string, unknown>, waiting: Waiting): Promise<string>
  /** What a tool asks of the hub. */
  operationFor(tool: string, input: Record<string, unknown>): string
  /** Before a tool reaches the hub: proof of earlier reading must not come after it. */
  beforeTool(): Promise<void>
  /** After a tool: what it has told of the mail. */
  afterTool(operation: string, input: Record<string, unknown>, output: unknown): void
  /** The client has thrown away the latest answer of the `inbox` tool, or of a hook. */
  unheard(what: 'inbox' | 'hook'): void
  close(): Promise<void>
}

export async function createArm(options: {
  readonly link: HubLink
  readonly env: NodeJS.ProcessEnv
  readonly clientPid: number
  readonly clientVersion: string
  readonly status: StatusFile
  readonly title: Title
  readonly conversation: Conversation
  /** Resolves once the client has answered; rejects where it does not. */
  readonly whenClientRuns: () => Promise<void>
  readonly log: (message: string) => void
}): Promise<Arm> {
  const { link, env, clientPid, status, title, log } = options
  const paths = homePaths(env)
  const mailbox = createMailbox()
  const letters = createLetters({
    link,
    mailbox,
    onLate: () => doorbell.consider(),
    onRenewed: () => doorbell.afresh(),
    log,
  })
  const activity = createActivity({ link, mailbox, status, onChange: () => doorbell.consider() })
  const memory = await routeMemory(paths, options.clientVersion, log)
  let hasHooks = false
  let printsOne: Promise<boolean> | undefined

  const inbox = inboxSocket(env)
  const permitted = wakeRoutesOf(env.SWITCHBOARD_DOORBELL)
  const bells = await listenForBells({
    paths,
    clientPid,
    permitted,
    hasRewakeHook: hasRewakeHook(env),
    onBell: () => doorbell.consider(),
    log,
  })
  const doorbell = createDoorbell({
    mail: waitingMail(mailbox, letters),
    activity,
    status,
    routes: [inbox, ...bells.routes, tmuxKeys(env, clientPid)].filter(route => permitted.includes(route.name)),
    memory,
    whenClientRuns: options.whenClientRuns,
    log,
  })
  title.onChange(given => void activity.report({ facts: { title: given } }))
  const surroundings = createSurroundings({ link, activity, env })
  const conversation = createConversation({ link, letters, activity, known: options.conversation, log })
  const interruptions = createInterruptions({ status, letters, onLost: conversation.again })
  const hooks = createHooks({
    link,
    mailbox,
    letters,
    activity,
    printsOneAnswer: () => (printsOne ??= argumentsOf(clientPid).then(args => printsOneAnswer(args, env))),
    onPrompt: doorbell.answered,
    onPromptLetters: interruptions.watch,
    onConversation: conversation.follow,
    onSurroundings: surroundings,
    onTitle: title.heard,
  })

  link.onMail(events => {
    for (const event of events) mailbox.arrived(event)
    doorbell.consider()
  })
  link.onReady(() => {
    const found = activity.look()
    // Before the first hook only the status file knows.
    void activity.report(found === undefined ? {} : { activity: found.state })
    letters.settle()
    doorbell.afresh()
  })

  return {
    async hook(fields, waiting) {
      hasHooks = true
      try {
        const answer = await hooks(fields)
        if (waiting.isCancelled && answer.includes('additionalContext')) conversation.unheard('hook')
        return answer
      } catch (error) {
        log(`hook: ${error instanceof Error ? error.stack : error}`)
        return SILENCE
      }
    },
    operationFor(tool, input) {
      if (tool !== 'inbox' || input.peek === true || !hasHooks) return tool
      letters.asks()
      return 'take_inbox'
    },
    beforeTool: letters.settled,
    afterTool(operation, input, output) {
      if (operation !== 'inbox' && operation !== 'ack') return
      const { messages = [], pending } = output as { messages?: { id: number }[]; pending: number }
      const isGiven = operation === 'inbox' && hasHooks && messages.length > 0 && input.peek !== true
      if (isGiven) {
        letters.given(
          messages.map(({ id }) => id),
          { boundaries: 1 },
        )
      }
      // Whether any of the rest may ring, only the hub can say.
      if (pending > 0 || mailbox.unread > 0) void activity.report({})
    },
    unheard: conversation.unheard,
    async close() {
      activity.close()
      title.close()
      interruptions.close()
      doorbell.close()
      await bells.close()
    },
  }
}
