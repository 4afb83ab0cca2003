import Facts
import JSON

/// How many sockets stand where, as JSON.
enum SocketJSON {
  static func sockets(_ sockets: SocketCounts) -> JSONValue {
    var members: [String: JSONValue] = [
      "established_or_close_wait": count(sockets.establishedOrCloseWait),
      "time_wait": count(sockets.timeWait),
      "opening_or_closing": count(sockets.openingOrClosing),
      "syn_recv": count(sockets.walk.map(\.synRecv)),
      "close_wait_unaccepted": count(sockets.walk.map(\.closeWaitUnaccepted)),
      "close_wait_held": count(sockets.walk.map(\.closeWaitHeld)),
    ]
    if let absence = sockets.walk.absence { members["walk_missing"] = ReportJSON.absence(absence) }
    if case .known(let states) = sockets.states {
      members["states"] = .object(
        Dictionary(
          uniqueKeysWithValues: TCPState.allCases.map { ($0.name, count(states[$0])) }))
    }
    return .object(members)
  }

  static func connections(_ counts: ConnectionCounts) -> JSONValue {
    .object([
      "established": .integer(counts.established), "unread": count(counts.unread),
      "unacknowledged": count(counts.unacknowledged),
      "syn_sent_retrying": .integer(counts.synSentRetrying),
      "keepalive": .integer(counts.keepalive), "without_timer": .integer(counts.timerless),
    ])
  }

  static func destination(_ destination: Destination) -> JSONValue {
    .object([
      "address": .string(destination.address), "port": .integer(destination.port),
      "local_ports": .integer(destination.localPorts),
      "time_wait": .integer(destination.timeWait),
    ])
  }

  private static func count(_ reading: Reading<Int64>) -> JSONValue {
    .optional(reading.value) { .integer($0) }
  }
}
