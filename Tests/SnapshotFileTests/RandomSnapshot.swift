import Facts

// Snapshots with every field drawn anew, each now and then missing.
extension Snapshot {
  static func random(using generator: inout some RandomNumberGenerator) -> Snapshot {
    var snapshot = Snapshot(host: .random(using: &generator))
    if Bool.random(using: &generator) {
      snapshot.window = .interval(
        seconds: Fraction(Int64.random(in: 1...100_000_000, using: &generator), 1000)
          ?? Fraction(1))
      snapshot.countersBefore = .random(using: &generator)
    }
    for number in 0..<Int.random(in: 0...8, using: &generator) {
      guard let key = SysctlKey("net.ipv4.tcp_key\(number)") else { continue }
      snapshot.tunables[key] = .random(.text(using: &generator), using: &generator)
    }
    snapshot.counters = .random(using: &generator)
    let listeners = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
      Listener.random(using: &generator)
    }
    snapshot.listeners = .random(listeners, using: &generator)
    snapshot.walk = .random(.random(using: &generator), using: &generator)
    snapshot.states = .random(.random(using: &generator), using: &generator)
    snapshot.connections = .random(.random(using: &generator), using: &generator)
    let destinations = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
      Destination.random(using: &generator)
    }
    snapshot.destinations = .random(destinations, using: &generator)
    snapshot.files = .random(.random(using: &generator), using: &generator)
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      snapshot.writers.append(
        SysctlWriter(name: .text(using: &generator), seenAt: .text(using: &generator)))
    }
    snapshot.gaps = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      Gap(.text(using: &generator), .text(using: &generator))
    }
    return snapshot
  }
}

extension FilesReport {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> FilesReport {
    var report = Snapshots.files
    report.notCompared = Bool.random(using: &generator) ? .text(using: &generator) : nil
    for index in report.keys.indices {
      report.keys[index].running = .random(.text(using: &generator), using: &generator)
      report.keys[index].isThere =
        Bool.random(using: &generator) ? Bool.random(using: &generator) : nil
      for line in report.keys[index].assignments.indices {
        report.keys[index].assignments[line].value = .text(using: &generator)
        report.keys[index].assignments[line].leaves =
          Bool.random(using: &generator) ? .text(using: &generator) : nil
      }
    }
    return report
  }
}

private func socketCount(using generator: inout some RandomNumberGenerator) -> Int64 {
  .random(in: 0...Int64(UInt32.max), using: &generator)
}

extension StateCounts {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> StateCounts {
    var counts: [TCPState: Int64] = [:]
    for state in TCPState.allCases where Bool.random(using: &generator) {
      counts[state] = socketCount(using: &generator)
    }
    return StateCounts(counts)
  }
}

extension ConnectionCounts {
  fileprivate static func random(
    using generator: inout some RandomNumberGenerator
  ) -> ConnectionCounts {
    ConnectionCounts(
      established: socketCount(using: &generator),
      unread: .random(socketCount(using: &generator), using: &generator),
      unacknowledged: .random(socketCount(using: &generator), using: &generator),
      synSentRetrying: socketCount(using: &generator),
      keepalive: socketCount(using: &generator), timerless: socketCount(using: &generator))
  }
}

extension Destination {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> Destination {
    Destination(
      address: .text(using: &generator), port: .random(in: 0...65_535, using: &generator),
      localPorts: socketCount(using: &generator), timeWait: socketCount(using: &generator))
  }
}

extension Host {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> Host {
    var host = Host(unread: Absence(.notGathered, "-"))
    let numbers = (1...3).map { _ in Int.random(in: 1...300, using: &generator) }
    let suffix = ["", "-rc1", "+deb13", "-cloud", "+"].randomElement(using: &generator) ?? ""
    host.name = .random(.text(using: &generator), using: &generator)
    if let release = KernelRelease("\(numbers[0]).\(numbers[1]).\(numbers[2])\(suffix)") {
      host.release = .random(release, using: &generator)
    }
    host.memory = .random(.random(in: 0 ... .max, using: &generator), using: &generator)
    host.cpus = .random(.random(in: 1...1 << 20, using: &generator), using: &generator)
    let hundredths = Int64.random(in: 0...1 << 39, using: &generator)
    host.uptime = .random(Fraction(hundredths, 100) ?? Fraction(1), using: &generator)
    host.pageSize = 1 << Int64.random(in: 0...30, using: &generator)
    host.ehash = .random(.random(in: 0 ... .max, using: &generator), using: &generator)
    host.initialNamespace = .random(.random(using: &generator), using: &generator)
    host.namespace = .random(.text(using: &generator), using: &generator)
    host.bootID = .random(.text(using: &generator), using: &generator)
    return host
  }
}

extension CounterTable {
  fileprivate static func random(
    using generator: inout some RandomNumberGenerator
  ) -> CounterTable {
    var table = CounterTable()
    for number in 0..<Int.random(in: 0...10, using: &generator) {
      table.values["TcpExt.C\(number)"] = Int64.random(in: .min ... .max, using: &generator)
    }
    for name in ["Tcp", "sockstat"] where Bool.random(using: &generator) {
      table.missing[name] = .random(using: &generator)
    }
    return table
  }
}

extension Listener {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> Listener {
    func count(_ generator: inout some RandomNumberGenerator) -> Int64 {
      Int64(UInt32.random(in: 0 ... .max, using: &generator))
    }
    var listener = Listener(
      address: .text(using: &generator), port: .random(in: 0...65535, using: &generator),
      family: Bool.random(using: &generator) ? .ipv4 : .ipv6, length: count(&generator),
      limit: count(&generator), drops: .random(count(&generator), using: &generator),
      cookie: .random(in: 0 ... .max, using: &generator),
      inode: .random(in: 0 ... .max, using: &generator),
      uid: .random(in: 0 ... .max, using: &generator),
      cgroup: .random(.random(in: 0 ... .max, using: &generator), using: &generator))
    listener.unit = .random(.text(using: &generator), using: &generator)
    let owner = Owner(
      pid: .random(in: 1 ... .max, using: &generator),
      name: .random(.text(using: &generator), using: &generator),
      nofile: .random(.random(in: 0 ... .max, using: &generator), using: &generator),
      holders: .random(socketCount(using: &generator), using: &generator))
    listener.owner = .random(owner, using: &generator)
    listener.attached = .random(.random(using: &generator), using: &generator)
    if Bool.random(using: &generator) {
      listener.sampling = Sampling(
        peak: count(&generator), samples: .random(in: 0 ... .max, using: &generator),
        fullSamples: .random(in: 0 ... .max, using: &generator),
        dropsBefore: .random(count(&generator), using: &generator))
    }
    return listener
  }
}

extension Listener.Attached {
  fileprivate static func random(
    using generator: inout some RandomNumberGenerator
  ) -> Listener.Attached {
    let counts = (0..<3).map { _ in Int64(UInt32.random(in: 0 ... .max, using: &generator)) }
    return Listener.Attached(
      synRecv: counts[0], closeWaitUnaccepted: counts[1], closeWaitHeld: counts[2])
  }
}

extension Reading {
  /// The value, or one time in four that it is missing.
  fileprivate static func random(
    _ value: Wrapped, using generator: inout some RandomNumberGenerator
  ) -> Reading {
    Int.random(in: 0..<4, using: &generator) == 0
      ? .missing(.random(using: &generator)) : .known(value)
  }
}

extension Absence {
  fileprivate static func random(using generator: inout some RandomNumberGenerator) -> Absence {
    Absence(
      Kind.allCases.randomElement(using: &generator) ?? .absent, .text(using: &generator))
  }
}

extension String {
  fileprivate static func text(using generator: inout some RandomNumberGenerator) -> String {
    let characters = Array("ab \"\\\n\t{}[]:,é队😀\u{0}")
    return String(
      (0..<Int.random(in: 0...10, using: &generator)).compactMap { _ in
        characters.randomElement(using: &generator)
      })
  }
}
