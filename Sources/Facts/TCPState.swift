/// The states of a TCP socket, by the kernel's numbers (include/net/tcp_states.h).
public enum TCPState: UInt8, CaseIterable, Sendable {
  case established = 1
  case synSent, synRecv, finWait1, finWait2, timeWait, close, closeWait, lastAck, listen, closing

  /// The name that engineers use: `CLOSE_WAIT`.
  public var name: String {
    switch self {
    case .established: "ESTABLISHED"
    case .synSent: "SYN_SENT"
    case .synRecv: "SYN_RECV"
    case .finWait1: "FIN_WAIT1"
    case .finWait2: "FIN_WAIT2"
    case .timeWait: "TIME_WAIT"
    case .close: "CLOSE"
    case .closeWait: "CLOSE_WAIT"
    case .lastAck: "LAST_ACK"
    case .listen: "LISTEN"
    case .closing: "CLOSING"
    }
  }

  /// The states in the order of a connection's life, those of the side that closes first before
  /// those of the other.
  public static let inOrderOfLife: [TCPState] = [
    .listen, .synSent, .synRecv, .established, .finWait1, .finWait2, .closing, .timeWait,
    .closeWait, .lastAck, .close,
  ]
}
