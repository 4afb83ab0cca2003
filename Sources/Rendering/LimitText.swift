public import Facts

/// Effective limits as text.
public enum LimitText {
  /// `limits`: each limit with its formula and inputs, and the queues of a given backlog.
  ///
  /// - Parameters:
  ///   - limits: what the tunables add up to.
  ///   - host: the line about whose tunables they are.
  ///   - queue: the queues of `--backlog N`, nil without one.
  ///   - style: where the text goes.
  /// - Returns: the text.
  public static func render(
    _ limits: [EffectiveLimit], host: String, queue: BacklogQueues?, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    page.wrapped(host, rest: 2)
    if let queue { write(queue, &page) }
    for limit in limits {
      page.line()
      write(limit, &page)
    }
    return page.text
  }

  private static func write(_ queue: BacklogQueues, _ page: inout TextPage) {
    page.heading("listen() with backlog \(queue.backlog)")
    switch queue.acceptQueue {
    case .missing(let absence): page.line("  accept queue: \(absence)")
    case .known(let accept):
      page.wrapped(
        "limit \(accept.limit) = min(backlog, net.core.somaxconn),"
          + " \(accept.capacity) fit, bound by \(accept.binding.rawValue)",
        first: "  accept queue: ", rest: 4)
    }
    switch queue.synQueue {
    case .missing(let absence): page.line("  SYN queue: \(absence)")
    case .known(let syn):
      let capacity = syn.capacityMax.map { "\(syn.capacity) or \($0)" } ?? "\(syn.capacity)"
      page.wrapped(
        "\(capacity) fit = \(syn.formula), bound by \(syn.binding.rawValue)",
        first: "  SYN queue:    ", rest: 4)
      if let note = syn.note { page.wrapped(note, first: "    ", rest: 4) }
    }
  }

  /// One limit: value, formula, inputs, note.
  static func write(_ limit: EffectiveLimit, _ page: inout TextPage) {
    let value = self.value(limit)
    let span = limit.value.value.flatMap { quantity in
      quantity.dimension == .seconds ? Units.span(quantity.amount) : nil
    }
    page.wrapped(
      page.style.paint(value, .strong) + (span.map { " (\($0))" } ?? ""),
      first: "\(limit.title) ", rest: 4)
    page.wrapped(limit.formula, first: "  = ", rest: 4)
    for input in limit.inputs {
      page.line("    \(input.name) = \(self.input(input))")
    }
    if let note = limit.note { page.wrapped(note, first: "  ", rest: 2) }
  }

  /// The result in words.
  static func value(_ limit: EffectiveLimit) -> String {
    switch limit.value {
    case .known(let quantity): Units.text(quantity)
    case .missing(let absence):
      absence.kind == .notGathered ? absence.reason : "\(absence)".printable
    }
  }

  /// The inputs in one line: `tcp_syn_retries 6, tcp_syn_linear_timeouts 4`.
  static func inputs(_ limit: EffectiveLimit) -> String {
    limit.inputs.filter { $0.value.absence?.kind != .absent }.map { input in
      let name = input.name.split(separator: ".").last ?? input.name[...]
      return "\(name) \(self.input(input))"
    }.joined(separator: ", ")
  }

  private static func input(_ input: EffectiveLimit.Input) -> String {
    switch input.value {
    case .known(let value): Units.text(value)
    case .missing(let absence): "\(absence)".printable
    }
  }
}

/// `queues` as text.
public enum QueuesText {
  /// One row for each listener.
  public static func render(
    _ listeners: Reading<[ListenerQueues]>, style: TextStyle
  ) -> String {
    var page = TextPage(style)
    switch listeners {
    case .missing(let absence): page.line("listeners: \(absence)".printable)
    case .known(let all) where all.isEmpty: page.line("no listeners")
    case .known(let all):
      ListenerTable.write(all, detailed: true, &page)
      for gap in HostText.ownerGaps(listeners) {
        page.wrapped("\(gap.what): \(gap.reason)".printable, first: "  ", rest: 4)
      }
    }
    return page.text
  }
}
