import Facts

/// Listeners as rows.
enum ListenerTable {
  /// Who answers for each listener, by its name.
  static func services(_ all: [ListenerQueues]) -> [String: String] {
    Dictionary(all.map { ($0.listener.name, program($0.listener)) }) { first, _ in first }
      .filter { !$0.value.isEmpty }
  }

  /// The unit or container, and the process where it has another name.
  static func program(_ listener: Listener) -> String {
    let unit = listener.unit.value
    let process = listener.owner.value.map { owner in
      "\(owner.name.value ?? "?")(\(owner.pid))"
    }
    return [unit, process].compactMap { $0 }.joined(separator: " ").printable
  }

  /// The columns that fit 80: one number for the queue beside its limit.
  static func brief(_ all: [ListenerQueues], _ page: inout TextPage) {
    var table = Table(
      ["listener", "program", "queue/limit", "SYNs fit", "drops", "bound by"],
      [.left, .left, .right, .right, .right, .left], flexible: 1)
    for queues in all {
      let listener = queues.listener
      let isFull = listener.peak > listener.limit
      table.add([
        Table.Cell(listener.name.printable), Table.Cell(service(listener)),
        Table.Cell("\(listener.peak)/\(listener.limit)", isFull ? .error : nil),
        Table.Cell(synCapacity(queues)), Table.Cell(drops(listener)),
        Table.Cell(binding(queues.acceptQueue)),
      ])
    }
    page.table(table)
    legend(all, &page)
  }

  /// Every column.
  static func full(_ all: [ListenerQueues], _ page: inout TextPage) {
    var table = Table(
      [
        "listener", "program", "queue", "peak", "limit", "fits", "SYNs", "SYNs fit", "drops",
        "bound by", "SYNs bound by",
      ],
      [
        .left, .left, .right, .right, .right, .right, .right, .right, .right, .left, .left,
      ], flexible: 1)
    for queues in all {
      let listener = queues.listener
      let isFull = listener.peak > listener.limit
      table.add([
        Table.Cell(listener.name.printable), Table.Cell(program(listener)),
        Table.Cell("\(listener.length)", isFull ? .error : nil),
        Table.Cell(listener.sampling.map { "\($0.peak)" } ?? "-"),
        Table.Cell("\(queues.acceptQueue.limit)"), Table.Cell("\(queues.acceptQueue.capacity)"),
        Table.Cell(queues.synLength.value.map(String.init) ?? "-"),
        Table.Cell(synCapacity(queues)), Table.Cell(drops(listener)),
        Table.Cell(binding(queues.acceptQueue)),
        Table.Cell(queues.synQueue.value.map { short($0.binding) } ?? "unknown"),
      ])
    }
    page.table(table, indent: 0)
    legend(all, &page)
  }

  private static func legend(_ all: [ListenerQueues], _ page: inout TextPage) {
    if all.contains(where: { !$0.acceptQueue.certain }) {
      page.wrapped(
        "? the limit equals what the cap is or was: reload the program; if it stays, the program"
          + " asks for just that", first: "  ", rest: 4)
    }
    if let note = all.compactMap({ $0.synQueue.value?.note }).first {
      page.wrapped("SYNs fit: \(note)", first: "  ", rest: 4)
    }
  }

  private static func service(_ listener: Listener) -> String {
    (listener.unit.value ?? listener.owner.value?.name.value ?? "?").printable
  }

  private static func synCapacity(_ queues: ListenerQueues) -> String {
    queues.synQueue.value.map { queue in
      queue.capacityMax.map { "\(queue.capacity)-\($0)" } ?? "\(queue.capacity)"
    } ?? "unknown"
  }

  private static func drops(_ listener: Listener) -> String {
    listener.drops.value.map(String.init) ?? "unknown"
  }

  private static func binding(_ queue: AcceptQueue) -> String {
    short(queue.binding) + (queue.certain ? "" : "?")
  }

  private static func short(_ binding: Binding) -> String {
    switch binding {
    case .backlog: "backlog"
    case .somaxconn: "somaxconn"
    case .maxSynBacklog: "tcp_max_syn_backlog"
    case .none: "none"
    }
  }
}
