import type { Random } from '../linearizability/random.ts'
import type { ScriptedSession } from './scripted-session.ts'

const OWN_TOOLS = 'mcp__plugin_switchboard_bus__'

/** A tool that a model uses. */
export interface Step {
  readonly tool: string
  readonly input: Record<string, unknown>
  /** How long it runs, where it is none of the bus. */
  readonly ms?: number
}

/** A tool of the bus. */
export function bus(tool: string, input: Record<string, unknown> = {}): Step {
  return { tool: `${OWN_TOOLS}${tool}`, input }
}

/** The bus's name of a tool of the bus. */
export function busTool({ tool }: Step): string | undefined {
  return tool.startsWith(OWN_TOOLS) ? tool.slice(OWN_TOOLS.length) : undefined
}

/** What a model does in one round of a turn; nothing ends the turn. */
export type Model = (session: ScriptedSession, round: number) => readonly Step[]

/** Reads whatever did not fit into a hook's answer, and does nothing else. */
export const reader: Model = session => (session.hasDigest ? [bus('inbox', { limit: 50 })] : [])

/** How a session's user and client behave. */
export interface Habits {
  /** How long the model thinks. */
  thinkMs(): number
  /** The user presses Esc. */
  interrupts(): boolean
  /** The user types while the model thinks. */
  typesAhead(): boolean
  /** The client compacts by itself between two rounds. */
  compacts(): boolean
  /** The user presses Esc while a tool of the bus runs: after so many milliseconds. */
  cancels(): number | undefined
  /** The client dies with letters that its model was not asked about yet. */
  dies(): boolean
  /** What a client that is killed was given last is in its transcript. */
  keepsWaiting(): boolean
}

export const calm: Habits = {
  thinkMs: () => 1,
  interrupts: () => false,
  typesAhead: () => false,
  compacts: () => false,
  cancels: () => undefined,
  dies: () => false,
  keepsWaiting: () => false,
}

export function busy(random: Random): Habits {
  return {
    thinkMs: () => 5 + random.below(150),
    interrupts: () => random.chance(0.03),
    typesAhead: () => random.chance(0.05),
    compacts: () => random.chance(0.03),
    cancels: () => (random.chance(0.1) ? random.below(10) : undefined),
    dies: () => random.chance(0.04),
    keepsWaiting: () => random.chance(0.5),
  }
}
