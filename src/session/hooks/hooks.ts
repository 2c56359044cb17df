import { mayNameGit } from '../../bus/git-named.ts'
import type { Activity } from '../activity.ts'
import type { HubLink } from '../hub-link.ts'
import type { Letters } from '../letters.ts'
import type { Mailbox } from '../mailbox.ts'
import { context, SILENCE } from './answer.ts'
import { beforeTool } from './before-tool.ts'
import { isPersons, isWork } from './beginnings.ts'
import { type HookInput, hookInput } from './input.ts'
import { type Mail, NO_MAIL } from './mail.ts'

/** Tools that wait for the user by themselves. */
const ASKING = new Set(['AskUserQuestion', 'ExitPlanMode'])

/**
 * Rounds that Stop hooks may add to a turn. After eight in a row the client ends it and asks no hook any more, so nothing
 * would show that the last letters were read. What is left rings once the turn has ended.
 */
const MAX_STOP_ROUNDS = 7

interface Parts {
  readonly link: Pick<HubLink, 'ask'>
  readonly mailbox: Mailbox
  readonly letters: Letters
  readonly activity: Activity
  /** Whether the end of this turn is the end of the client, and its last answer all that is printed. */
  readonly printsOneAnswer: () => Promise<boolean>
  /** A turn has begun. */
  readonly onPrompt: () => void
  /** Letters went along with a prompt that may be interrupted. */
  readonly onPromptLetters: (input: HookInput) => void
  /** Which conversation of the client this is; another one than before may be another session. */
  readonly onConversation: (input: HookInput) => Promise<void>
  /** Folder, branch or permission mode may be other ones. */
  readonly onSurroundings: (input: HookInput, hasMoved: boolean) => void
  /** What the client calls the session; empty where it was given no name. */
  readonly onTitle: (title: string) => void
}

/**
 * Answers the client's hooks, with its agent waiting: whatever the answer does not need is done after it. What happens
 * in a subagent takes no mail and proves no reading, but its edits are edits of this session.
 */
export function createHooks(parts: Parts): (fields: Record<string, unknown>) => Promise<string> {
  const { letters, activity, mailbox } = parts
  let mayHaveMoved = false
  let stopRounds = 0
  const prompts = createPrompts(activity)

  const answers: Readonly<Record<string, (input: HookInput) => string | Promise<string>>> = {
    async SessionStart(input) {
      if (input.source === 'clear') activity.set('idle')
      // Between turns nobody would read it before the next prompt, which brings letters itself, and nothing would ring.
      return activity.isInTurn ? context('SessionStart', await news('start hook', 0)) : SILENCE
    },
    async UserPromptSubmit(input) {
      const isBeside = prompts.came()
      activity.set('busy')
      stopRounds = 0
      if (isPersons(input)) letters.begins('person')
      parts.onPrompt()
      parts.onTitle(input.title)
      const mail = await news('prompt hook', isBeside ? 1 : 0)
      if (mail.text !== '') parts.onPromptLetters(input)
      return context('UserPromptSubmit', mail)
    },
    async PreToolUse(input) {
      if (ASKING.has(input.tool)) activity.set('waiting', 'input needed')
      else activity.set('busy')
      if (input.tool === 'Bash' && mayNameGit(input.command)) mayHaveMoved = true
      return await beforeTool(parts.link, input, letters.late === undefined ? NO_MAIL : await news('tool hook', 1))
    },
    PostToolUse(input) {
      activity.set('busy')
      edited(input)
      return SILENCE
    },
    async PostToolBatch(input) {
      activity.set('busy')
      prompts.batchEnded()
      const mail = await news('tool hook', 0)
      if (mayHaveMoved) parts.onSurroundings(input, true)
      mayHaveMoved = false
      return context('PostToolBatch', mail)
    },
    PermissionRequest() {
      activity.set('waiting', 'permission prompt')
      return SILENCE
    },
    async Stop() {
      const hasNews = letters.late !== undefined || mailbox.mayHaveUrgentNews
      const isWanted = hasNews && stopRounds < MAX_STOP_ROUNDS
      const mail =
        isWanted && !(await parts.printsOneAnswer())
          ? await letters.take('stop hook', { isRound: true, boundaries: 0 })
          : NO_MAIL
      stopRounds = mail.text === '' ? 0 : stopRounds + 1
      activity.set(mail.text === '' ? 'idle' : 'busy')
      if (mail.text === '') turnEnded()
      return context('Stop', mail)
    },
    StopFailure() {
      activity.set('idle')
      turnEnded()
      return SILENCE
    },
    CwdChanged(input) {
      parts.onSurroundings(input, true)
      return SILENCE
    },
  }

  function turnEnded(): void {
    prompts.turnEnded()
    letters.turnEnded()
  }

  async function news(route: string, boundaries: number): Promise<Mail> {
    if (letters.late === undefined && !mailbox.mayHaveNews) return NO_MAIL
    return await letters.take(route, { boundaries })
  }

  function edited({ path }: HookInput): void {
    if (path !== '') setImmediate(() => parts.link.ask('note_edit', { path }).catch(() => undefined))
  }

  async function inSubagent(input: HookInput): Promise<string> {
    if (input.event === 'PreToolUse') return await beforeTool(parts.link, input, NO_MAIL)
    if (input.event === 'PostToolUse') edited(input)
    if (input.event === 'PermissionRequest') activity.set('waiting', 'permission prompt')
    return SILENCE
  }

  return async fields => {
    const input = hookInput(fields)
    if (input.agentId !== '') {
      // What it does is the session's work, and no sign that the session's own agent has read anything.
      if (await isWork(input)) letters.begins('work')
      setImmediate(() => letters.settle())
      return await inSubagent(input)
    }
    await parts.onConversation(input)
    const isDeed = ['PreToolUse', 'PostToolBatch', 'Stop'].includes(input.event)
    if (isDeed) letters.sign(input.event, { isBoundary: input.event !== 'PreToolUse' })
    if (await isWork(input)) letters.begins('work')
    const answer = (await answers[input.event]?.(input)) ?? SILENCE
    setImmediate(() => letters.settle())
    parts.onSurroundings(input, false)
    return answer
  }
}

/**
 * Which prompts stand beside a running turn. Their hook runs as they are typed; the model has them after the next batch
 * of tools, or in a turn of their own behind Stop, which no hook begins: so what is typed into that turn stands beside
 * it too, though the last that any hook told is that the agent is idle.
 */
function createPrompts(activity: Pick<Activity, 'told' | 'isSaidIdle'>) {
  let isQueued = false
  let mayRunOn = false
  return {
    /** Says whether it stands beside a turn. */
    came(): boolean {
      const { told } = activity
      const isInTurn = told !== undefined && told.state !== 'idle'
      isQueued = isInTurn || (mayRunOn && !activity.isSaidIdle)
      return isQueued
    },
    batchEnded(): void {
      isQueued = false
    },
    turnEnded(): void {
      mayRunOn = isQueued
      isQueued = false
    },
  }
}
