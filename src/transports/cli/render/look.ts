import { styleText } from 'node:util'
import { Said, type Words } from '../../../bus/say.ts'

export type Style = Parameters<typeof styleText>[0]

/** How output should look where it goes. */
export interface Look {
  /** Columns of the terminal; undefined where there is none, and then nothing is shortened. */
  readonly columns: number | undefined
  /** In milliseconds, for "3 min ago". */
  readonly now: number
  paint<const T extends string>(style: Style, text: Words<T>): Said
}

interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Width and time are read anew each time: a timeline outlives the size of its window. */
export function lookOf(terminal: Terminal, env: NodeJS.ProcessEnv): Look {
  const isColoured = wantsColour(terminal, env)
  return {
    get columns() {
      return terminal.isTTY === true ? (terminal.columns ?? 80) : undefined
    },
    get now() {
      return Date.now()
    },
    paint: (style, text) =>
      Said.trusted(isColoured ? styleText(style, String(text), { validateStream: false }) : String(text)),
  }
}

/** FORCE_COLOR is stronger than NO_COLOR, as in Node itself; without either, only a terminal gets colours. */
export function wantsColour(terminal: Terminal, env: NodeJS.ProcessEnv): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  if (env.NO_COLOR || env.NODE_DISABLE_COLORS || env.TERM === 'dumb') return false
  return terminal.isTTY === true
}
