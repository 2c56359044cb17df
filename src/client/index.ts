/** The typed client: what the command line, the session process and other programs speak to a hub with. */
export { BusError, ERRORS, type ErrorBody, type ErrorCode } from '../bus/errors.ts'
export type { Event, Level, Urgency } from '../bus/event.ts'
export type { InputOf, OperationName, OutputOf } from '../operations/index.ts'
export { connect } from './connect.ts'
export type {
  CallOptions,
  ChangeNews,
  Client,
  ConnectOptions,
  ReceiptNews,
  RequestOptions,
  StreamFilter,
  StreamItem,
} from './types.ts'
