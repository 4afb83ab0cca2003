import Facts

extension Audit {
  /// Holds the keys of a plan against each other: what the kernel refuses while another key has its
  /// value refuses the plan, what makes no sense beside another is a warning.
  func addSense(to plan: inout Plan) {
    checkPorts(&plan)
    checkMemory(&plan)
    checkBuffers(&plan)
  }

  /// The numbers that a key would have when the plan is in force.
  private func numbers(_ key: SysctlKey, after plan: Plan) -> [Int64]? {
    if let change = plan.changes.first(where: { $0.key == key && $0.outcome == .change }) {
      return FilesReport.Key.words(change.target).compactMap { Int64(String($0)) }
    }
    return snapshot.text(of: key).value.map {
      FilesReport.Key.words($0).compactMap { Int64(String($0)) }
    }
  }

  /// The kernel holds the first port without privilege at most as high as the first ephemeral one
  /// (net/ipv4/sysctl_net_ipv4.c).
  private func checkPorts(_ plan: inout Plan) {
    let range = SysctlKey(literal: "net.ipv4.ip_local_port_range")
    let start = SysctlKey(literal: "net.ipv4.ip_unprivileged_port_start")
    guard let ports = numbers(range, after: plan), ports.count == 2 else { return }
    if ports[0] > ports[1] {
      plan.refuse([range], "the first port, \(ports[0]), is above the last, \(ports[1])")
    }
    let count = ports[1] - ports[0] + 1
    if (1..<Self.fewPorts).contains(count) {
      plan.warn(
        range,
        "\(count) port\(count == 1 ? "" : "s") for all connections that go out to one address and port"
          + " at a time; each is held for another 60 s where this side closes first")
    }
    guard let first = numbers(start, after: plan)?.first, first > ports[0] else { return }
    plan.refuse(
      [range, start],
      "\(start) would be \(first), above the first port of \(range), \(ports[0]): the kernel refuses"
        + " that")
  }

  /// With fewer ports a dozen connections a second to one address use them all up.
  private static let fewPorts: Int64 = 1000
  /// The least that the kernel gives itself on the smallest machine: 128 pages are its middle number
  /// (tcp_init_mem in net/ipv4/tcp.c), a half more the last.
  private static let leastPages: Int64 = 192

  /// What one connection may hold, against the sixteenth of the memory that tcp_mem has for all.
  private func checkBuffers(_ plan: inout Plan) {
    let leftAlone: Int64 = 8 << 20
    guard case .known(let memory) = snapshot.host.memory else { return }
    for key in [
      SysctlKey(literal: "net.ipv4.tcp_rmem"), SysctlKey(literal: "net.ipv4.tcp_wmem"),
    ] {
      guard let bytes = numbers(key, after: plan), bytes.count == 3, bytes[2] > leftAlone,
        bytes[2] > memory / 16
      else { continue }
      plan.warn(
        key,
        "one connection could hold \(bytes[2]) bytes, more than a sixteenth of the machine's"
          + " memory, which is what all have together by default")
    }
  }

  private func checkMemory(_ plan: inout Plan) {
    let key = SysctlKey(literal: "net.ipv4.tcp_mem")
    guard let pages = numbers(key, after: plan), pages.count == 3 else { return }
    if pages[2] < Self.leastPages {
      plan.warn(
        key,
        "\(pages[2]) pages for the buffers of all connections together: on the smallest machine the"
          + " kernel gives itself \(Self.leastPages)")
    }
    guard case .known(let memory) = snapshot.host.memory,
      !pages[2].multipliedReportingOverflow(by: snapshot.host.pageSize).overflow,
      pages[2] * snapshot.host.pageSize > memory
    else { return }
    plan.warn(
      key,
      "\(pages[2]) pages are more than the machine's memory, \(memory / snapshot.host.pageSize)")
  }
}

extension Plan {
  fileprivate mutating func refuse(_ keys: [SysctlKey], _ reason: String) {
    for index in changes.indices
    where keys.contains(changes[index].key) && changes[index].outcome == .change {
      changes[index].outcome = .refused(.contradicts(reason))
    }
  }

  fileprivate mutating func warn(_ key: SysctlKey, _ reason: String) {
    for index in changes.indices
    where changes[index].key == key && changes[index].outcome == .change {
      changes[index].warnings.append(.senseless(reason))
    }
  }
}
