import Facts
import KernelModel
import Netlink

extension Experiment {
  /// The experiments about a listener's two queues.
  static let queues: [Experiment] = [.acceptQueue, .listenClamp, .abortOnOverflow, .synQueue]

  /// Where the listeners of these experiments are.
  private static let port: UInt16 = 8080

  static let acceptQueue = Experiment(
    id: "accept-queue", title: "a full accept queue leaves newcomers in SYN_SENT",
    claims: ["Q0", "Q1", "Q2.1", "Q2.3"],
    parameters: [.backlog(5), .somaxconn(4096), .extra(4), .cookies(1)]
  ) { (lab, settings) throws(LabFailure) in
    try lab.set("net.core.somaxconn", settings["somaxconn"])
    try lab.set("net.ipv4.tcp_syncookies", settings["cookies"])
    let predicted = try PredictedQueues(lab, backlog: settings["backlog"])
    let expected = predicted.connections(cookies: settings["cookies"])
    let listener = try lab.listen(port: port, backlog: settings["backlog"])
    var steps: [Proof.Step] = []
    steps.add(
      "limit", "limit that the listener shows", predicted.accept.limit, try listener.queue().limit)
    // Those who fit come first: what follows meets a full queue, not one that fills.
    var clients = Clients()
    try clients.connect(expected.high, to: port)
    _ = try lab.wait(2) { () throws(LabFailure) in try listener.queue().length >= expected.high }
    let before = lab.counters()
    let extra = settings["extra"]
    try clients.connect(extra, to: port)
    let refused = { () throws(LabFailure) in
      Int64(try lab.connections(in: [.synSent]).count { $0.peerPort == port })
    }
    // Long before their first retransmission, after one second, which would count again.
    _ = try lab.wait(0.5) { () throws(LabFailure) in try refused() >= extra }
    let grown = lab.counters()
    steps.add(
      "connections_queued", "connections that wait for accept()", expected,
      try listener.queue().length)
    // Until 4.9 the SYN was still answered while hardly any other request was young.
    if lab.release.isAtLeast(4, 10), expected.low > 0 {
      steps.add("clients_waiting", "clients still in SYN_SENT", extra, try refused())
      for (id, name) in [
        ("listen_overflows", "TcpExt.ListenOverflows"), ("listen_drops", "TcpExt.ListenDrops"),
      ] {
        steps.add(id, "\(name) grew by", extra, try Lab.growth(name, from: before, to: grown))
      }
    }
    return steps
  }

  static let listenClamp = Experiment(
    id: "listen-clamp", title: "net.core.somaxconn counts at listen() and at no other time",
    claims: ["Q1.1"],
    parameters: [
      .backlog(100), .somaxconn(16),
      Parameter("raised", "net.core.somaxconn after the first listen()", 64, 0...65_535),
    ]
  ) { (lab, settings) throws(LabFailure) in
    let backlog = settings["backlog"]
    let (first, second) = (settings["somaxconn"], settings["raised"])
    let limit = { () throws(LabFailure) in try PredictedQueues(lab, backlog: backlog).accept.limit }
    var steps: [Proof.Step] = []
    try lab.set("net.core.somaxconn", first)
    var predicted = try limit()
    let listener = try lab.listen(port: port, backlog: backlog)
    steps.add("listen", "limit after listen()", predicted, try listener.queue().limit)
    try lab.set("net.core.somaxconn", second)
    steps.add(
      "changed", "after somaxconn became \(second)", predicted, try listener.queue().limit)
    predicted = try limit()
    try listener.listen(backlog)
    steps.add("listen_again", "after a second listen()", predicted, try listener.queue().limit)
    try lab.set("net.core.somaxconn", first)
    steps.add(
      "changed_back", "after somaxconn became \(first) again", predicted,
      try listener.queue().limit)
    predicted = try limit()
    try listener.listen(backlog)
    steps.add("listen_third", "after a third listen()", predicted, try listener.queue().limit)
    return steps
  }
}

extension Experiment.Parameter {
  // listen() takes a C int; more than a few thousand clients need more descriptors than most have.
  static func backlog(_ standard: Int64) -> Self {
    Self("backlog", "What the program passes to listen()", standard, -1...5000)
  }

  static func somaxconn(_ standard: Int64) -> Self {
    Self("somaxconn", "net.core.somaxconn at listen()", standard, 0...5000)
  }

  static func maxSynBacklog(_ standard: Int64) -> Self {
    Self("max-syn-backlog", "net.ipv4.tcp_max_syn_backlog", standard, 0...65_535)
  }

  static func extra(_ standard: Int64) -> Self {
    Self("extra", "Clients or SYNs beyond what fits", standard, 1...1000)
  }

  static func cookies(_ standard: Int64) -> Self {
    Self("cookies", "net.ipv4.tcp_syncookies: 0, 1 or 2", standard, 0...2)
  }
}
