import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isUsersSocket } from '../../home/ownership.ts'
import type { Route } from './routes.ts'

const TMUX_MS = 2_000
/** Claude Code takes an Enter that comes sooner after text for a pasted line break. */
const BEFORE_ENTER_MS = 300

/** Keys sent to a dead pane crash tmux 3.3a or are lost, and copy mode would take them for commands. */
const UNFIT = '#{||:#{pane_dead},#{pane_in_mode}}'

/**
 * The last resort, for sessions that have no other route: the client records keys as the person's own words. Types the
 * fixed line into the session's own pane. Only where the client itself runs in that pane and its prompt is empty, so that no dialog is answered and nobody's draft is sent.
 */
export function tmuxKeys(env: NodeJS.ProcessEnv, clientPid: number): Route {
  const pane = env.TMUX_PANE ?? ''
  const tmux = async (...args: string[]) =>
    (await promisify(execFile)('tmux', args, { env, timeout: TMUX_MS, windowsHide: true })).stdout
  /** `TMUX` is `<socket>,<pid>,<session>`; its server is given this process's whole environment. */
  const socket = (env.TMUX ?? '').replace(/,[^,]*,[^,]*$/, '')
  const isHere = () => Boolean(env.TMUX) && /^%\d+$/.test(pane)
  return {
    name: 'tmux keys',
    exists: isHere,
    isHere,
    restMs: () => 0,
    async ring(line) {
      const why = await whyUnfit(line).catch((error: Error) => error.message)
      if (why !== undefined) return { is: 'failed', why }
      // The guard again and the keys in one command: nothing comes between them.
      await tmux('if-shell', '-F', '-t', pane, UNFIT, '', `send-keys -t ${pane} -l '${line}'`)
      await sleep(BEFORE_ENTER_MS)
      await tmux('if-shell', '-F', '-t', pane, UNFIT, '', `send-keys -t ${pane} Enter`)
      return { is: 'sent' }
    },
  }

  async function whyUnfit(line: string): Promise<string | undefined> {
    if (!/^[\x20-\x7e]+$/.test(line)) return 'only plain characters are typed'
    if (!isUsersSocket(socket)) return `no tmux listens at ${socket}`
    const state = await tmux('display-message', '-p', '-t', pane, `#{pane_pid} ${UNFIT}`)
    const [panePid, unfit] = state.trim().split(' ')
    if (unfit !== '0') return 'the pane is dead or in copy mode'
    if (Number(panePid) !== clientPid) return 'the pane belongs to another program'
    return hasEmptyPrompt(await tmux('capture-pane', '-p', '-e', '-t', pane)) ? undefined : 'no empty prompt is open'
  }
}

/** The prompt's line, or what stands dimmed in it as a suggestion. */
export function hasEmptyPrompt(screen: string): boolean {
  const prompt = screen.split('\n').findLast(line => plain(line).startsWith('❯'))
  if (prompt === undefined) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: how a terminal says "dim".
  const undimmed = prompt.replace(/\u001b\[(?:\d+;)*2m.*?(?=\u001b\[(?:0|22|39)?m|$)/g, '')
  return plain(undimmed).replace('❯', '').trim() === ''
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours.
  const uncoloured = text.replace(/\u001b\[[\d;]*m/g, '')
  return uncoloured.replaceAll('\u00a0', ' ').trimStart()
}
