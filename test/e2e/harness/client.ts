/** The launch helpers: three ways to run the real client, each owning its processes until `dispose()`. */
export type { ClientStatus } from './client-status.ts'
export type { LaunchOptions } from './launch-options.ts'
export { type Printed, runPrint } from './print.ts'
export type { StreamMessage } from './stream-message.ts'
export { StreamSession } from './stream-session.ts'
export { TerminalSession } from './terminal-session.ts'
