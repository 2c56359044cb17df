import type { Command } from 'commander'
import type { Io } from './io.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly isJson: boolean
  /** Where the hub is, if not at this home's socket. */
  readonly url?: string
  readonly timeoutMs?: number
}

/** One call of one command. */
export interface Invocation {
  readonly io: Io
  readonly global: GlobalOptions
  /** As typed, by attribute name: `--wait-seconds 5` is `waitSeconds: '5'`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly args: readonly string[]
}

/** Does the work and gives the exit code. */
export type Action = (invocation: Invocation) => Promise<number>

export interface CommandSpec {
  /** Its name; two words are a command within a group: `token create`. */
  readonly words: readonly string[]
  readonly aliases?: readonly string[]
  readonly title: string
  /** The heading under which the list of commands shows it. */
  readonly group: string
  readonly isHidden?: boolean
  /** Options to which an empty text says something, by attribute name; all others are refused without a value. */
  readonly emptiable?: () => readonly string[]
  /** Adds arguments, options and examples: done only for the command that runs, for a fast start. */
  fill(command: Command): void
  readonly action: Action
}
