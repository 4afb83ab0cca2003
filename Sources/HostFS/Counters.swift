public import Facts

/// What was read of the counters' files.
public struct Counters: Equatable, Sendable {
  /// Every number by its name.
  public var table = CounterTable()
  /// Files that are missing, and lines that are not what we know.
  public var gaps: [Gap] = []
}

extension HostFS {
  /// Every number of /proc/net/snmp, netstat, sockstat and sockstat6, by the names in the files.
  ///
  /// A counter that a new kernel adds is there without a new release of ours. A line that is not as
  /// expected leaves out that line's numbers and says so.
  public func counters() -> Counters {
    var counters = Counters()
    // Releases of 2026 have some 420 counters.
    counters.table.values.reserveCapacity(512)
    // /proc/net is that of the process; the thread may have joined another namespace.
    let net = isLive ? "proc/thread-self/net" : "proc/net"
    read("\(net)/snmp", .headed, expecting: ["Tcp"], into: &counters)
    read("\(net)/netstat", .headed, expecting: ["TcpExt", "MPTcpExt"], into: &counters)
    read("\(net)/sockstat", .labelled("sockstat"), expecting: ["sockstat"], into: &counters)
    read("\(net)/sockstat6", .labelled("sockstat6"), expecting: ["sockstat6"], into: &counters)
    return counters
  }

  private func read(
    _ file: String, _ layout: CounterFile.Layout, expecting groups: [String],
    into counters: inout Counters
  ) {
    let bytes: [UInt8]
    do {
      bytes = try self.bytes(file)
    } catch {
      for group in groups {
        counters.table.missing[group] = Absence(
          error.isAbsent ? .absent : .unreadable, "\(error.path): \(error.reason)")
      }
      // A kernel without IPv6 has no sockstat6; that is no gap.
      if !(error.isAbsent && file.hasSuffix("6")) {
        counters.gaps.append(Gap(error.path, error.reason))
      }
      return
    }
    guard !bytes.isEmpty else {
      for group in groups {
        counters.table.missing[group] = Absence(.unreadable, "\(path(file)) is empty")
      }
      counters.gaps.append(Gap(path(file), "expected counters, found an empty file"))
      return
    }
    var parser = CounterFile(bytes, layout)
    parser.parse(into: &counters.table.values)
    for failure in parser.failures {
      let reason = failure.reason
      counters.gaps.append(Gap(path(file), reason))
      // A line that cannot be told may have held any counter that was not found.
      for name in failure.name.map({ [$0] }) ?? groups
      where counters.table.missing[name] == nil {
        counters.table.missing[name] = Absence(.unreadable, "\(path(file)): \(reason)")
      }
    }
  }
}
