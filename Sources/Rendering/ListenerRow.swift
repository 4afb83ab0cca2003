import Facts

/// A row of the table of listeners: one listener, or a SO_REUSEPORT group in one.
struct ListenerRow {
  /// The member that matters most.
  let first: ListenerQueues
  /// All of them, in the order of the report.
  private(set) var members: [ListenerQueues]

  private init(_ first: ListenerQueues) {
    self.first = first
    members = [first]
  }

  /// A row for a member of a group.
  static func single(_ queues: ListenerQueues) -> ListenerRow { ListenerRow(queues) }

  /// Listeners with one address together, each group where its first member stands.
  static func rows(of all: [ListenerQueues]) -> [ListenerRow] {
    guard all.contains(where: { $0.groupSize > 1 }) else { return all.map(ListenerRow.init) }
    var rows: [ListenerRow] = []
    var places: [String: Int] = [:]
    for queues in all {
      let name = queues.listener.name
      if queues.groupSize > 1, let index = places[name] {
        rows[index].members.append(queues)
      } else {
        places[name] = rows.count
        rows.append(ListenerRow(queues))
      }
    }
    return rows
  }

  var isGroup: Bool { members.count > 1 }

  /// `0.0.0.0:80`, or `0.0.0.0:80 x4` for a group.
  var name: String {
    let name = first.listener.name.printable
    return isGroup ? "\(name) x\(members.count)" : name
  }

  /// How many wait, of how many at most; summed up over a group.
  var queue: String {
    let whole = "\(sum { $0.listener.length })/\(sum { $0.listener.limit })"
    return isGroup && full > 0 ? "\(full) full, \(whole)" : whole
  }

  /// The largest length seen of any member.
  var peak: Int64 { members.map(\.listener.peak).max() ?? 0 }

  /// How many members were seen above their limit.
  var full: Int { members.count { $0.listener.peak > $0.listener.limit } }

  /// How many requests stand there, where a walk was made, and how many fit.
  var synQueue: String {
    // Members of a group have the sum of all each.
    let length = first.listener.attached.value.map { String($0.synRecv) } ?? "?"
    let capacities = members.compactMap { $0.synQueue.value }
    guard capacities.count == members.count else { return "\(length)/?" }
    let least = capacities.reduce(0) { $0 + $1.capacity }
    let most = capacities.reduce(0) { $0 + ($1.capacityMax ?? $1.capacity) }
    return "\(length)/\(least == most ? "\(least)" : "\(least)-\(most)")"
  }

  var drops: String {
    let drops = members.compactMap { $0.listener.drops.value }
    return drops.count == members.count ? String(drops.reduce(0, +)) : "?"
  }

  private func sum(_ number: (ListenerQueues) -> Int64) -> Int64 {
    members.reduce(0) { $0 + number($1) }
  }
}
